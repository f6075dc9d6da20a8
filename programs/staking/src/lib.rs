//! Nosana staking: stakes of NOS, their weight (xNOS), and the collateral that nodes put behind
//! their work.
//!
//! | who | instruction | what it does |
//! | --- | --- | --- |
//! | deployer | [`initialize`](nosana_staking::initialize) | makes the configuration and the vault, once |
//! | owner | [`stake`](nosana_staking::stake) | opens a stake |
//! | owner | [`top_up`](nosana_staking::top_up), [`extend`](nosana_staking::extend) | more of it, or for longer |
//! | owner | [`compound`](nosana_staking::compound) | adds what its position in the reward pool has earned |
//! | owner | [`unstake`](nosana_staking::unstake) | starts the cooldown; the weight drops to zero |
//! | owner | [`withdraw`](nosana_staking::withdraw) | takes what the cooldown has released |
//! | owner | [`close`](nosana_staking::close) | closes an empty stake |
//! | owner | [`restake`](nosana_staking::restake) | breaks the cooldown off |
//! | admin, guardian | `propose_admin`, `accept_admin`, `set_guardian`, `set_paused` | hand over; pause entry, never exit |
//! | admin | [`propose_policy`](nosana_staking::propose_policy) | the minimum and the reporter's share; loosening waits |
//! | anyone | [`apply_policy`](nosana_staking::apply_policy) | puts an announced policy in force |
//! | node owner | [`set_delegation`](nosana_staking::set_delegation) | accepts delegations, or no more, and at which commission |
//! | delegator | [`open_delegation`](nosana_staking::open_delegation), [`delegate`](nosana_staking::delegate) | puts tokens behind a node |
//! | delegator | [`undelegate`](nosana_staking::undelegate) | starts the delegation's cooldown |
//! | anyone | [`withdraw_delegated`](nosana_staking::withdraw_delegated), [`claim_delegated`](nosana_staking::claim_delegated) | pay the delegator |
//! | node owner | [`claim_commission`](nosana_staking::claim_commission) | takes its part of what delegations earned |
//! | delegator, node owner | [`close_delegation`](nosana_staking::close_delegation) | closes an empty delegation |
//! | jobs program | [`lock`](nosana_staking::lock) | locks collateral |
//! | jobs program | [`release`](nosana_staking::release) | unlocks collateral |
//! | jobs program | [`slash`](nosana_staking::slash) | takes locked collateral into the rewards |
//!
//! Whatever changes the weight of a stake settles its position in the reward pool in the same
//! transaction.

use anchor_lang::prelude::*;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod rewards;
pub mod state;

use instructions::*;

declare_id!("Hda5fAMchsjNBM3ZgperkMJuz3fwt4oPojmTixswkbbQ");

// The string is found in the deployed file by whoever has found a fault.
#[cfg(not(feature = "no-entrypoint"))]
solana_security_txt::security_txt! {
    name: "Nosana Staking",
    project_url: "https://nosana.com",
    contacts: "email:security@nosana.io",
    policy: "https://github.com/nosana-ci/nosana-programs/blob/master/SECURITY.md",
    source_code: "https://github.com/nosana-ci/nosana-programs",
    auditors: "None"
}

#[program]
pub mod nosana_staking {
    use super::*;

    /// Makes the configuration and the vault. See [`Initialize`].
    pub fn initialize(ctx: &mut Context<Initialize>) -> Result<()> {
        instructions::initialize::handler(ctx)
    }

    /// Opens the owner's stake. See [`StakeTokens`].
    pub fn stake(ctx: &mut Context<StakeTokens>, amount: u64, duration_seconds: u64) -> Result<()> {
        instructions::stake::handler(ctx, amount, duration_seconds)
    }

    /// Starts the cooldown. See [`Unstake`].
    pub fn unstake(ctx: &mut Context<Unstake>) -> Result<()> {
        instructions::unstake::handler(ctx)
    }

    /// Takes what the cooldown has released. See [`Withdraw`].
    pub fn withdraw(ctx: &mut Context<Withdraw>) -> Result<()> {
        instructions::withdraw::handler(ctx)
    }

    /// Closes an empty stake. See [`CloseStake`].
    pub fn close(ctx: &mut Context<CloseStake>) -> Result<()> {
        instructions::close::handler(ctx)
    }

    /// Locks collateral. See [`ChangeLock`].
    pub fn lock(ctx: &mut Context<ChangeLock>, amount: u64) -> Result<()> {
        instructions::lock::handler(ctx, amount)
    }

    /// Unlocks collateral. See [`ChangeLock`].
    pub fn release(ctx: &mut Context<ChangeLock>, amount: u64) -> Result<()> {
        instructions::release::handler(ctx, amount)
    }

    /// Takes locked collateral into the rewards. See [`Slash`].
    pub fn slash(ctx: &mut Context<Slash>, amount: u64, reason: u8) -> Result<()> {
        instructions::slash::handler(ctx, amount, reason)
    }

    /// Proposes the next admin. See [`instructions::authorities`].
    pub fn propose_admin(ctx: &mut Context<ByAdmin>, next_admin: Address) -> Result<()> {
        instructions::authorities::propose_admin(ctx, next_admin)
    }

    /// Accepts to be admin. See [`AcceptAdmin`].
    pub fn accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
        instructions::authorities::accept_admin(ctx)
    }

    /// Names the guardian. See [`instructions::authorities`].
    pub fn set_guardian(ctx: &mut Context<ByAdmin>, guardian: Address) -> Result<()> {
        instructions::authorities::set_guardian(ctx, guardian)
    }

    /// Pauses or unpauses entry. See [`SetPaused`].
    pub fn set_paused(ctx: &mut Context<SetPaused>, paused: bool) -> Result<()> {
        instructions::authorities::set_paused(ctx, paused)
    }

    /// Adds to a stake. See [`TopUp`].
    pub fn top_up(ctx: &mut Context<TopUp>, amount: u64) -> Result<()> {
        instructions::top_up::handler(ctx, amount)
    }

    /// Makes the cooldown longer. See [`Extend`].
    pub fn extend(ctx: &mut Context<Extend>, duration_seconds: u64) -> Result<()> {
        instructions::extend::handler(ctx, duration_seconds)
    }

    /// Breaks the cooldown off. See [`Restake`].
    pub fn restake(ctx: &mut Context<Restake>) -> Result<()> {
        instructions::restake::handler(ctx)
    }

    /// Adds what the position has earned to the stake. See [`Compound`].
    pub fn compound(ctx: &mut Context<Compound>) -> Result<()> {
        instructions::compound::handler(ctx)
    }

    /// Changes the minimum and the reporter's share, or announces the change. See
    /// [`instructions::policy::propose`].
    pub fn propose_policy(
        ctx: &mut Context<ByAdmin>,
        min_stake: u64,
        reporter_bps: u16,
    ) -> Result<()> {
        instructions::policy::propose(ctx, min_stake, reporter_bps)
    }

    /// Puts an announced policy in force. See [`ApplyPolicy`].
    pub fn apply_policy(ctx: &mut Context<ApplyPolicy>) -> Result<()> {
        instructions::policy::apply(ctx)
    }

    /// Sets a stake's terms for new delegations. See [`SetDelegation`].
    pub fn set_delegation(
        ctx: &mut Context<SetDelegation>,
        accepting: bool,
        commission_bps: u16,
    ) -> Result<()> {
        instructions::set_delegation::handler(ctx, accepting, commission_bps)
    }

    /// Opens an empty delegation. See [`OpenDelegation`].
    pub fn open_delegation(ctx: &mut Context<OpenDelegation>) -> Result<()> {
        instructions::open_delegation::handler(ctx)
    }

    /// Delegates tokens. See [`Delegate`].
    pub fn delegate(
        ctx: &mut Context<Delegate>,
        amount: u64,
        max_commission_bps: u16,
        max_duration_seconds: u64,
    ) -> Result<()> {
        instructions::delegate::handler(ctx, amount, max_commission_bps, max_duration_seconds)
    }

    /// Starts the cooldown of a delegation. See [`Undelegate`].
    pub fn undelegate(ctx: &mut Context<Undelegate>) -> Result<()> {
        instructions::undelegate::handler(ctx)
    }

    /// Pays the delegator what the cooldown has released. See [`WithdrawDelegated`].
    pub fn withdraw_delegated(ctx: &mut Context<WithdrawDelegated>) -> Result<()> {
        instructions::withdraw_delegated::handler(ctx)
    }

    /// Pays the delegator what the delegation has earned. See [`ClaimDelegated`].
    pub fn claim_delegated(ctx: &mut Context<ClaimDelegated>) -> Result<()> {
        instructions::claim_delegated::handler(ctx)
    }

    /// Pays the owner of a stake its commission. See [`ClaimCommission`].
    pub fn claim_commission(ctx: &mut Context<ClaimCommission>) -> Result<()> {
        instructions::claim_commission::handler(ctx)
    }

    /// Closes an empty delegation. See [`CloseDelegation`].
    pub fn close_delegation(ctx: &mut Context<CloseDelegation>) -> Result<()> {
        instructions::close_delegation::handler(ctx)
    }
}
