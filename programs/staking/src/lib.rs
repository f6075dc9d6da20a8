//! Nosana staking: stakes of NOS, their weight (xNOS), and the collateral that nodes lock for their
//! jobs.
//!
//! | signer | instruction | effect |
//! | --- | --- | --- |
//! | deployer | [`initialize`](nosana_staking::initialize) | creates the configuration and the vault, once |
//! | owner | [`open_stake`](nosana_staking::open_stake) | opens a stake |
//! | owner | [`top_up`](nosana_staking::top_up), [`extend`](nosana_staking::extend) | adds tokens; lengthens the cooldown |
//! | owner | [`compound`](nosana_staking::compound) | adds what the stake's position in the reward pool has earned |
//! | owner | [`unstake`](nosana_staking::unstake) | starts the cooldown; the weight drops to zero |
//! | owner | [`unstake_unsettled`](nosana_staking::unstake_unsettled) | the same without the rewards program, and a day later |
//! | owner | [`withdraw`](nosana_staking::withdraw) | pays what the cooldown has released |
//! | owner | [`close`](nosana_staking::close) | closes an empty stake |
//! | owner | [`restake`](nosana_staking::restake) | cancels the cooldown |
//! | admin, next admin, guardian | `propose_admin`, `accept_admin`, `set_guardian`, `set_paused` | hand over; pause entry, never exit |
//! | admin | [`propose_policy`](nosana_staking::propose_policy) | sets the minimum and the reporter's share; loosening waits |
//! | anyone | [`apply_policy`](nosana_staking::apply_policy) | puts an announced policy in force |
//! | node owner | [`set_delegation`](nosana_staking::set_delegation) | accepts delegations or stops, and sets the commission |
//! | delegator | [`open_delegation`](nosana_staking::open_delegation), [`delegate`](nosana_staking::delegate) | delegates tokens to a node |
//! | delegator | [`undelegate`](nosana_staking::undelegate) | starts the delegation's cooldown |
//! | delegator | [`undelegate_unsettled`](nosana_staking::undelegate_unsettled) | the same without the rewards program, and a day later |
//! | delegator, later anyone | [`withdraw_delegated`](nosana_staking::withdraw_delegated) | pays the delegator what is released |
//! | anyone | [`claim_delegated`](nosana_staking::claim_delegated) | pay the delegator |
//! | node owner | [`claim_commission`](nosana_staking::claim_commission) | pays the commission on what delegations earned |
//! | delegator, node owner | [`close_delegation`](nosana_staking::close_delegation) | closes an empty delegation |
//! | jobs program | [`lock`](nosana_staking::lock) | locks collateral |
//! | jobs program | [`release`](nosana_staking::release) | releases collateral |
//! | jobs program | [`slash`](nosana_staking::slash) | takes locked collateral; pays the reporter and burns the rest |
//!
//! Every instruction that changes the weight of a stake settles its position in the reward pool in
//! the same transaction, except `unstake_unsettled` and `undelegate_unsettled`: leaving depends on
//! no other program.

use anchor_lang::prelude::*;

pub mod constants;
pub mod cpi_calls;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;
pub mod vault;

use instructions::*;

declare_id!("Hda5fAMchsjNBM3ZgperkMJuz3fwt4oPojmTixswkbbQ");

// Anyone who finds a vulnerability can read these contacts from the deployed file.
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

    /// Creates the configuration and the vault, once. Only the upgrade authority of the program,
    /// which becomes admin and guardian.
    pub fn initialize(ctx: &mut Context<Initialize>) -> Result<()> {
        instructions::initialize::process_initialize(ctx)
    }

    /// Opens the owner's stake of `amount` base units, with a cooldown of 14 to 365 days. Only one
    /// per owner; not while entry is paused.
    pub fn open_stake(
        ctx: &mut Context<OpenStake>,
        amount: u64,
        duration_seconds: u64,
    ) -> Result<()> {
        instructions::open_stake::process_open_stake(ctx, amount, duration_seconds)
    }

    /// Starts the cooldown of a stake. Only the owner. The weight drops to zero at once; locked
    /// collateral stays locked.
    pub fn unstake(ctx: &mut Context<Unstake>) -> Result<()> {
        instructions::unstake::process_unstake(ctx)
    }

    /// Starts the cooldown of a stake a day from now, without a call of the rewards program. Only
    /// the owner. Anyone may sync its position afterwards.
    pub fn unstake_unsettled(ctx: &mut Context<UnstakeUnsettled>) -> Result<()> {
        instructions::unstake_unsettled::process_unstake_unsettled(ctx)
    }

    /// Pays what the cooldown of a stake has released and is not locked, to any token account of
    /// NOS. Only the owner. Fails if that is nothing.
    pub fn withdraw(ctx: &mut Context<PayOwner>) -> Result<()> {
        instructions::withdraw::process_withdraw(ctx)
    }

    /// Closes an empty stake and refunds its rent to the owner. Only the owner; not while it has
    /// open delegations or unclaimed commission.
    pub fn close(ctx: &mut Context<CloseStake>) -> Result<()> {
        instructions::close::process_close(ctx)
    }

    /// Locks `amount` base units of a stake as collateral. Only the jobs program; not in the
    /// cooldown.
    pub fn lock(ctx: &mut Context<ChangeLock>, amount: u64) -> Result<()> {
        instructions::lock::process_lock(ctx, amount)
    }

    /// Releases `amount` base units of locked collateral. Only the jobs program.
    pub fn release(ctx: &mut Context<ChangeLock>, amount: u64) -> Result<()> {
        instructions::release::process_release(ctx, amount)
    }

    /// Takes `amount` base units of locked collateral, and at most the same fraction of what is
    /// delegated. Only the jobs program. Pays the reporter's part and burns the rest.
    pub fn slash(
        ctx: &mut Context<Slash>,
        amount: u64,
        reason: u8,
        reporter_amount: Option<u64>,
    ) -> Result<()> {
        instructions::slash::process_slash(ctx, amount, reason, reporter_amount)
    }

    /// Proposes the next admin, who has to accept. Only the admin; the zero address withdraws the
    /// proposal.
    pub fn propose_admin(ctx: &mut Context<ByAdmin>, next_admin: Address) -> Result<()> {
        instructions::propose_admin::process_propose_admin(ctx, next_admin)
    }

    /// Makes the proposed admin the admin. Only the proposed admin.
    pub fn accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
        instructions::accept_admin::process_accept_admin(ctx)
    }

    /// Names the guardian, who may pause and unpause entry. Only the admin.
    pub fn set_guardian(ctx: &mut Context<ByAdmin>, guardian: Address) -> Result<()> {
        instructions::set_guardian::process_set_guardian(ctx, guardian)
    }

    /// Pauses or unpauses entry. Only the guardian or the admin. Instructions by which tokens leave
    /// still work.
    pub fn set_paused(ctx: &mut Context<SetPaused>, paused: bool) -> Result<()> {
        instructions::set_paused::process_set_paused(ctx, paused)
    }

    /// Adds `amount` base units to a stake that is not in its cooldown, or reopens one that has
    /// paid out everything. Only the owner; not while entry is paused.
    pub fn top_up(ctx: &mut Context<TopUp>, amount: u64) -> Result<()> {
        instructions::top_up::process_top_up(ctx, amount)
    }

    /// Lengthens the cooldown of a stake to `duration_seconds`, at most 365 days, which raises its
    /// weight. Only the owner; not in the cooldown, not while entry is paused.
    pub fn extend(ctx: &mut Context<ChangeStake>, duration_seconds: u64) -> Result<()> {
        instructions::extend::process_extend(ctx, duration_seconds)
    }

    /// Cancels the cooldown: what is still in the vault is staked again. Only the owner; not while
    /// entry is paused.
    pub fn restake(ctx: &mut Context<ChangeStake>) -> Result<()> {
        instructions::restake::process_restake(ctx)
    }

    /// Adds what the stake's position in the reward pool has earned to the stake. Only the owner;
    /// not in the cooldown, not while entry is paused.
    pub fn compound(ctx: &mut Context<Compound>) -> Result<()> {
        instructions::compound::process_compound(ctx)
    }

    /// Sets the minimum and the reporter's share. Only the admin. A policy that tightens is in
    /// force at once; any other is announced, and can be applied after three days.
    pub fn propose_policy(
        ctx: &mut Context<ByAdmin>,
        min_stake: u64,
        reporter_bps: u16,
    ) -> Result<()> {
        instructions::propose_policy::process_propose_policy(ctx, min_stake, reporter_bps)
    }

    /// Puts an announced policy in force. Anyone, from the end of its notice, for 14 days.
    pub fn apply_policy(ctx: &mut Context<ApplyPolicy>) -> Result<()> {
        instructions::apply_policy::process_apply_policy(ctx)
    }

    /// Sets whether a stake accepts delegations, and the commission of later deposits. Only the
    /// owner.
    pub fn set_delegation(
        ctx: &mut Context<SetDelegation>,
        accepting: bool,
        commission_bps: u16,
    ) -> Result<()> {
        instructions::set_delegation::process_set_delegation(ctx, accepting, commission_bps)
    }

    /// Opens an empty delegation to a stake that accepts delegations. The delegator pays the rent.
    pub fn open_delegation(ctx: &mut Context<OpenDelegation>) -> Result<()> {
        instructions::open_delegation::process_open_delegation(ctx)
    }

    /// Delegates `amount` base units to a stake. Only the delegator; not while entry is paused.
    /// Fails if commission or cooldown exceed the given maximums.
    pub fn delegate(
        ctx: &mut Context<Delegate>,
        amount: u64,
        max_commission_bps: u16,
        max_duration_seconds: u64,
    ) -> Result<()> {
        instructions::delegate::process_delegate(
            ctx,
            amount,
            max_commission_bps,
            max_duration_seconds,
        )
    }

    /// Starts the cooldown of a delegation, in which it earns nothing. Only the delegator; the
    /// owner of the stake for worthless shares.
    pub fn undelegate(ctx: &mut Context<Undelegate>) -> Result<()> {
        instructions::undelegate::process_undelegate(ctx)
    }

    /// Starts the cooldown of a delegation a day from now, without a call of the rewards program.
    /// Only the delegator, who leaves what was not collected yet to the others.
    pub fn undelegate_unsettled(ctx: &mut Context<UndelegateUnsettled>) -> Result<()> {
        instructions::undelegate_unsettled::process_undelegate_unsettled(ctx)
    }

    /// Pays the delegator what the cooldown has released. Only the delegator; anyone once the
    /// cooldown is over. Fails if that is nothing.
    pub fn withdraw_delegated(ctx: &mut Context<WithdrawDelegated>) -> Result<()> {
        instructions::withdraw_delegated::process_withdraw_delegated(ctx)
    }

    /// Pays the delegator what the delegation has earned, less the commission. Anyone may call it.
    /// Fails if both are nothing.
    pub fn claim_delegated(ctx: &mut Context<ClaimDelegated>) -> Result<()> {
        instructions::claim_delegated::process_claim_delegated(ctx)
    }

    /// Pays the commission that the owner of a stake is owed, to any token account of NOS. Only the
    /// owner. Fails if that is nothing.
    pub fn claim_commission(ctx: &mut Context<PayOwner>) -> Result<()> {
        instructions::claim_commission::process_claim_commission(ctx)
    }

    /// Closes an empty delegation and refunds its rent to the delegator. Only the delegator or the
    /// owner of the stake.
    pub fn close_delegation(ctx: &mut Context<CloseDelegation>) -> Result<()> {
        instructions::close_delegation::process_close_delegation(ctx)
    }
}
