//! Nosana rewards: streams the network's income to those who stake.
//!
//! | who | instruction | what it does |
//! | --- | --- | --- |
//! | deployer | [`initialize`](nosana_rewards::initialize) | makes the pool and its vault, once |
//! | staker | [`enter`](nosana_rewards::enter) | opens a position with the weight of the stake |
//! | anyone | [`sync`](nosana_rewards::sync) | settles a position and gives it its stake's weight of now |
//! | anyone | [`fund`](nosana_rewards::fund) | adds income, paid out over the next epoch |
//! | staker | [`claim`](nosana_rewards::claim) | takes what the position has earned |
//! | staker | [`exit`](nosana_rewards::exit) | the same, and closes the position |
//! | anyone | [`enter_delegated`](nosana_rewards::enter_delegated) | opens the position of what is delegated to a stake |
//! | staking program | [`harvest`](nosana_rewards::harvest) | `sync` and `claim` in one |
//! | anyone | [`open_stream`](nosana_rewards::open_stream) | deposits an amount that becomes income over time |
//! | anyone | [`drip`](nosana_rewards::drip), [`close_stream`](nosana_rewards::close_stream) | turn what is due into income; end a stream |
//! | admin, guardian | `propose_admin`, `accept_admin`, `set_guardian`, `set_paused` | hand over; pause entry, never exit |
//!
//! The arithmetic, and the proof of its bounds, is in [`nosana_protocol::rewards`].

use anchor_lang::prelude::*;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

use instructions::*;

declare_id!("GF7VH4ty5UW4qpZS3WDiyy7RFpJzZz56Hgzs2cSmyBoD");

// The string is found in the deployed file by whoever has found a fault.
#[cfg(not(feature = "no-entrypoint"))]
solana_security_txt::security_txt! {
    name: "Nosana Rewards",
    project_url: "https://nosana.com",
    contacts: "email:security@nosana.io",
    policy: "https://github.com/nosana-ci/nosana-programs/blob/master/SECURITY.md",
    source_code: "https://github.com/nosana-ci/nosana-programs",
    auditors: "None"
}

#[program]
pub mod nosana_rewards {
    use super::*;

    /// Makes the pool and its vault. See [`Initialize`].
    pub fn initialize(ctx: &mut Context<Initialize>, epoch_seconds: u64) -> Result<()> {
        instructions::initialize::handler(ctx, epoch_seconds)
    }

    /// Opens a position. See [`Enter`].
    pub fn enter(ctx: &mut Context<Enter>) -> Result<()> {
        instructions::enter::handler(ctx)
    }

    /// Settles a position and gives it its stake's weight. See [`Sync`].
    pub fn sync(ctx: &mut Context<Sync>) -> Result<()> {
        instructions::sync::handler(ctx)
    }

    /// Adds income. See [`Fund`].
    pub fn fund(ctx: &mut Context<Fund>, amount: u64) -> Result<()> {
        instructions::fund::handler(ctx, amount)
    }

    /// Takes what the position has earned. See [`Claim`].
    pub fn claim(ctx: &mut Context<Claim>) -> Result<()> {
        instructions::claim::handler(ctx)
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

    /// Pays what a position has earned, and closes it. See [`Exit`].
    pub fn exit(ctx: &mut Context<Exit>) -> Result<()> {
        instructions::exit::handler(ctx)
    }

    /// Opens an emission stream. See [`OpenStream`].
    pub fn open_stream(
        ctx: &mut Context<OpenStream>,
        id: u64,
        amount: u64,
        start: i64,
        end: i64,
        cancellable: bool,
    ) -> Result<()> {
        instructions::open_stream::handler(ctx, id, amount, start, end, cancellable)
    }

    /// Turns what is due of a stream into income. See [`Drip`].
    pub fn drip(ctx: &mut Context<Drip>) -> Result<()> {
        instructions::drip::handler(ctx)
    }

    /// Closes a stream that ended, or cancels one. See [`CloseStream`].
    pub fn close_stream(ctx: &mut Context<CloseStream>) -> Result<()> {
        instructions::close_stream::handler(ctx)
    }

    /// Opens the position of what is delegated to a stake. See [`EnterDelegated`].
    pub fn enter_delegated(ctx: &mut Context<EnterDelegated>) -> Result<()> {
        instructions::enter_delegated::handler(ctx)
    }

    /// Settles a position, gives it its stake's weight, and pays what it has earned. See
    /// [`Harvest`].
    pub fn harvest(ctx: &mut Context<Harvest>) -> Result<()> {
        instructions::harvest::handler(ctx)
    }
}
