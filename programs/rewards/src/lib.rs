//! Nosana rewards: distributes the network's income to those who stake.
//!
//! | signer | instruction | effect |
//! | --- | --- | --- |
//! | deployer | [`initialize`](nosana_rewards::initialize) | creates the pool and its vault, once |
//! | staker | [`enter`](nosana_rewards::enter) | opens a position with the weight of the stake |
//! | anyone | [`sync`](nosana_rewards::sync) | settles a position and gives it its stake's current weight |
//! | anyone | [`fund`](nosana_rewards::fund) | adds income, paid out over the next epoch |
//! | anyone | [`count_income`](nosana_rewards::count_income) | makes income of what arrived in the vault |
//! | staker | [`claim`](nosana_rewards::claim) | pays what the position has earned |
//! | staker | [`exit`](nosana_rewards::exit) | pays what the position has earned, and closes it |
//! | anyone | [`enter_delegated`](nosana_rewards::enter_delegated) | opens the position of what is delegated to a stake |
//! | staking program | [`harvest`](nosana_rewards::harvest) | combines `sync` and `claim` |
//! | anyone | [`open_stream`](nosana_rewards::open_stream) | deposits an amount that becomes income over time |
//! | anyone | [`drip`](nosana_rewards::drip), [`close_stream`](nosana_rewards::close_stream) | turns what is due into income; closes a stream |
//! | admin, next admin, guardian | `propose_admin`, `accept_admin`, `set_guardian`, `set_paused` | hand over; pause entry, never exit |
//!
//! The arithmetic, and the proof of its bounds, is in [`nosana_protocol::rewards`].

use anchor_lang::prelude::*;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;
pub mod vault;

use instructions::*;

declare_id!("GF7VH4ty5UW4qpZS3WDiyy7RFpJzZz56Hgzs2cSmyBoD");

// Anyone who finds a vulnerability can read these contacts from the deployed file.
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

    /// Creates the pool and its vault, once, with epochs of `epoch_seconds`. Only the upgrade
    /// authority of the program, which becomes admin and guardian.
    pub fn initialize(ctx: &mut Context<Initialize>, epoch_seconds: u64) -> Result<()> {
        instructions::initialize::process_initialize(ctx, epoch_seconds)
    }

    /// Opens the position of a stake's owner, with the weight of the stake. Only the owner; not
    /// while entry is paused.
    pub fn enter(ctx: &mut Context<Enter>) -> Result<()> {
        instructions::enter::process_enter(ctx)
    }

    /// Settles a position and gives it the current weight of its stake. Anyone may call it.
    pub fn sync(ctx: &mut Context<Sync>) -> Result<()> {
        instructions::sync::process_sync(ctx)
    }

    /// Makes income of what has arrived in the vault: swept fees and donations. Anyone may
    /// call it. Fails if that is nothing.
    pub fn count_income(ctx: &mut Context<CountIncome>) -> Result<()> {
        instructions::count_income::process_count_income(ctx)
    }

    /// Adds `amount` base units of income, which is paid out over the next epoch. Anyone may call
    /// it.
    pub fn fund(ctx: &mut Context<Fund>, amount: u64) -> Result<()> {
        instructions::fund::process_fund(ctx, amount)
    }

    /// Pays what the position has earned, to any token account of NOS. Only the owner. Fails if
    /// that is nothing.
    pub fn claim(ctx: &mut Context<Claim>) -> Result<()> {
        instructions::claim::process_claim(ctx)
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

    /// Pays what the position has earned, if anything, closes the position, and refunds its rent to
    /// the owner. Only the owner.
    pub fn exit(ctx: &mut Context<Exit>) -> Result<()> {
        instructions::exit::process_exit(ctx)
    }

    /// Opens an emission stream: `amount` base units that become income linearly between `start`
    /// and `end`, in unix seconds. Anyone may call it; not while entry is paused.
    pub fn open_stream(
        ctx: &mut Context<OpenStream>,
        id: u64,
        amount: u64,
        start: i64,
        end: i64,
        cancellable: bool,
    ) -> Result<()> {
        instructions::open_stream::process_open_stream(ctx, id, amount, start, end, cancellable)
    }

    /// Turns what is due of a stream into income. Anyone may call it. Fails if nothing is due.
    pub fn drip(ctx: &mut Context<Drip>) -> Result<()> {
        instructions::drip::process_drip(ctx)
    }

    /// Closes a stream that has ended, and refunds its rent to its owner. Anyone may call it.
    /// Before the end only the owner may close it, if it is cancellable, and gets the rest back.
    pub fn close_stream(ctx: &mut Context<CloseStream>) -> Result<()> {
        instructions::close_stream::process_close_stream(ctx)
    }

    /// Opens the position of what is delegated to a stake. Anyone may call it, and pays the rent;
    /// not while entry is paused.
    pub fn enter_delegated(ctx: &mut Context<EnterDelegated>) -> Result<()> {
        instructions::enter_delegated::process_enter_delegated(ctx)
    }

    /// Settles a position, gives it the current weight of its stake, and pays what it has earned,
    /// if anything. Only the owner.
    pub fn harvest(ctx: &mut Context<Harvest>) -> Result<()> {
        instructions::harvest::process_harvest(ctx)
    }
}
