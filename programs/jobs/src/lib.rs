//! The Nosana marketplace: matches clients and nodes, holds the money, settles.
//!
//! | who | instruction | what it does |
//! | --- | --- | --- |
//! | deployer | `initialize` | makes the configuration, once |
//! | admin | `propose_admin`, `accept_admin`, `set_guardian` | hand over, name the guardian |
//! | admin | `propose_policy` | changes fee, deposit and bounds: tightening at once, loosening after three days |
//! | guardian | `set_paused` | pauses and unpauses entry, never exit |
//! | anyone | `apply_policy`, `apply_terms` | put in force what was announced, after its notice |
//! | anyone | `open_market` | opens a market with its queue and vault, for a deposit |
//! | market authority | `propose_terms`, `propose_market_authority`, `retire_market`, `close_market` | change, hand over, end it |
//! | anyone | `grow_queue`, `evict_node`, `sweep_fees` | keep a market usable |
//! | client | `list`, `assign` | deposits the price and lists a job, in turn or for one waiting node |
//! | client | `cancel` | withdraws a job that waits, for a full refund |
//! | client | `extend` | buys more time; anyone may `top_up` the budget for it |
//! | client | `stop` | ends a job that runs, or that a node took and has not started |
//! | client | `accept` | accepts a result before its challenge window is over |
//! | node | `register_node`, `update_hardware`, `set_payout`, `set_draining` | make and change the node's account |
//! | node | `work` | locks collateral; takes the first job or waits for one |
//! | node | `leave` | stops waiting |
//! | node | `start` | binds node and job; the pay clock begins |
//! | node | `heartbeat` | proves that the node is alive |
//! | node | `finish` | commits to a result |
//! | node | `quit` | gives a job back to the queue |
//! | anyone | `expire_queued`, `expire_match`, `expire_run` | act when a clock ran out |
//! | anyone | `settle` | pays a result after its challenge window |
//! | payee | `collect` | takes what could not be paid directly |
//! | anyone | `clean` | closes a settled job after its retention |
//!
//! The states of a job are in [`nosana_protocol::job`], the split of its escrow in
//! [`nosana_protocol::settlement`], the moves of a queue in [`nosana_protocol::queue`]. A market's
//! vault always holds at least the escrows and credits of its jobs, the fees in its queue, and its
//! deposit.

use anchor_lang::prelude::*;

pub mod access;
pub mod constants;
pub mod errors;
pub mod events;
pub mod external;
pub mod flow;
pub mod instructions;
pub mod state;

use instructions::*;
use state::{Hardware, MarketTerms};

declare_id!("AfjSMc2J4umgZ2EP1gXUYbiKTmEkF29EKjug9bc26w14");

// The string is found in the deployed file by whoever has found a fault.
#[cfg(not(feature = "no-entrypoint"))]
solana_security_txt::security_txt! {
    name: "Nosana Jobs",
    project_url: "https://nosana.com",
    contacts: "email:security@nosana.io",
    policy: "https://github.com/nosana-ci/nosana-programs/blob/master/SECURITY.md",
    source_code: "https://github.com/nosana-ci/nosana-programs",
    auditors: "None"
}

#[program]
pub mod nosana_jobs {
    use super::*;

    /// Makes the configuration. See [`Initialize`].
    pub fn initialize(
        ctx: &mut Context<Initialize>,
        network_fee_bps: u16,
        market_deposit: u64,
    ) -> Result<()> {
        instructions::initialize::handler(ctx, network_fee_bps, market_deposit)
    }

    /// Proposes the next admin. See [`instructions::propose_admin`].
    pub fn propose_admin(ctx: &mut Context<ByAdmin>, next_admin: Address) -> Result<()> {
        instructions::propose_admin::handler(ctx, next_admin)
    }

    /// Accepts to be admin. See [`AcceptAdmin`].
    pub fn accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
        instructions::accept_admin::handler(ctx)
    }

    /// Names the guardian. See [`instructions::set_guardian`].
    pub fn set_guardian(ctx: &mut Context<ByAdmin>, guardian: Address) -> Result<()> {
        instructions::set_guardian::handler(ctx, guardian)
    }

    /// Pauses or unpauses entry. See [`SetPaused`].
    pub fn set_paused(ctx: &mut Context<SetPaused>, paused: bool) -> Result<()> {
        instructions::set_paused::handler(ctx, paused)
    }

    /// Tightens the policy, or announces a looser one. See [`instructions::propose_policy`].
    pub fn propose_policy(
        ctx: &mut Context<ByAdmin>,
        network_fee_bps: u16,
        market_deposit: u64,
        max_timeout_seconds: u64,
    ) -> Result<()> {
        instructions::propose_policy::handler(
            ctx,
            network_fee_bps,
            market_deposit,
            max_timeout_seconds,
        )
    }

    /// Puts the announced policy in force. See [`ApplyPolicy`].
    pub fn apply_policy(ctx: &mut Context<ApplyPolicy>) -> Result<()> {
        instructions::apply_policy::handler(ctx)
    }

    /// Opens a market. See [`OpenMarket`].
    pub fn open_market(
        ctx: &mut Context<OpenMarket>,
        id: u64,
        notice_seconds: u32,
        terms: MarketTerms,
    ) -> Result<()> {
        instructions::open_market::handler(ctx, id, notice_seconds, &terms)
    }

    /// Announces new terms of a market. See [`ProposeTerms`].
    pub fn propose_terms(ctx: &mut Context<ProposeTerms>, terms: MarketTerms) -> Result<()> {
        instructions::propose_terms::handler(ctx, &terms)
    }

    /// Puts announced terms in force. See [`ApplyTerms`].
    pub fn apply_terms(ctx: &mut Context<ApplyTerms>) -> Result<()> {
        instructions::apply_terms::handler(ctx)
    }

    /// Proposes the next authority of a market. See [`instructions::propose_market_authority`].
    pub fn propose_market_authority(
        ctx: &mut Context<ByMarketAuthority>,
        next_authority: Address,
    ) -> Result<()> {
        instructions::propose_market_authority::handler(ctx, next_authority)
    }

    /// Accepts to be the authority of a market. See [`AcceptMarketAuthority`].
    pub fn accept_market_authority(ctx: &mut Context<AcceptMarketAuthority>) -> Result<()> {
        instructions::accept_market_authority::handler(ctx)
    }

    /// Takes nothing new into a market any more. See [`instructions::retire_market`].
    pub fn retire_market(ctx: &mut Context<ByMarketAuthority>) -> Result<()> {
        instructions::retire_market::handler(ctx)
    }

    /// Closes an empty market. See [`CloseMarket`].
    pub fn close_market(ctx: &mut Context<CloseMarket>) -> Result<()> {
        instructions::close_market::handler(ctx)
    }

    /// Sends the fees of a market to the reward pool. See [`SweepFees`].
    pub fn sweep_fees(ctx: &mut Context<SweepFees>) -> Result<()> {
        instructions::sweep_fees::handler(ctx)
    }

    /// Adds cells to a queue. See [`GrowQueue`].
    pub fn grow_queue(ctx: &mut Context<GrowQueue>, cells: u32) -> Result<()> {
        instructions::grow_queue::handler(ctx, cells)
    }

    /// Removes a waiting node that should not wait. See [`EvictNode`].
    pub fn evict_node(ctx: &mut Context<EvictNode>, cell: u32) -> Result<()> {
        instructions::evict_node::handler(ctx, cell)
    }

    /// Lists a job. See [`List`].
    pub fn list(
        ctx: &mut Context<List>,
        nonce: u64,
        definition: [u8; 32],
        kind: u8,
        timeout_seconds: u64,
        max_price_per_second: u64,
    ) -> Result<()> {
        instructions::list::handler(
            ctx,
            &Order { nonce, definition, kind, timeout_seconds, max_price_per_second },
        )
    }

    /// Lists a job for one waiting node. See [`instructions::assign`].
    #[allow(clippy::too_many_arguments, reason = "clients see each of them by its name")]
    pub fn assign(
        ctx: &mut Context<List>,
        nonce: u64,
        definition: [u8; 32],
        kind: u8,
        timeout_seconds: u64,
        max_price_per_second: u64,
        node: Address,
        node_cell: u32,
    ) -> Result<()> {
        instructions::assign::handler(
            ctx,
            &Order { nonce, definition, kind, timeout_seconds, max_price_per_second },
            node,
            node_cell,
        )
    }

    /// Withdraws a waiting job. See [`Cancel`].
    pub fn cancel(ctx: &mut Context<Cancel>, cell: u32) -> Result<()> {
        instructions::cancel::handler(ctx, cell)
    }

    /// Gives a job more time. See [`Extend`].
    pub fn extend(ctx: &mut Context<Extend>, added_seconds: u64) -> Result<()> {
        instructions::extend::handler(ctx, added_seconds)
    }

    /// Adds to a job's budget. See [`TopUp`].
    pub fn top_up(ctx: &mut Context<TopUp>, amount: u64) -> Result<()> {
        instructions::top_up::handler(ctx, amount)
    }

    /// Ends a running job, or one that a node took. See [`EndRun`] and [`instructions::stop`].
    pub fn stop(ctx: &mut Context<EndRun>) -> Result<()> {
        instructions::stop::handler(ctx)
    }

    /// Accepts a result early. See [`EndRun`] and [`instructions::accept`].
    pub fn accept(ctx: &mut Context<EndRun>) -> Result<()> {
        instructions::accept::handler(ctx)
    }

    /// Makes a node's account. See [`RegisterNode`].
    pub fn register_node(ctx: &mut Context<RegisterNode>, hardware: Hardware) -> Result<()> {
        instructions::register_node::handler(ctx, &hardware)
    }

    /// Changes a node's hardware. See [`instructions::update_hardware`].
    pub fn update_hardware(ctx: &mut Context<ByNodeAuthority>, hardware: Hardware) -> Result<()> {
        instructions::update_hardware::handler(ctx, &hardware)
    }

    /// Changes where a node is paid. See [`SetPayout`].
    pub fn set_payout(ctx: &mut Context<SetPayout>) -> Result<()> {
        instructions::set_payout::handler(ctx)
    }

    /// Makes a node take no new work, or take it again. See [`instructions::set_draining`].
    pub fn set_draining(ctx: &mut Context<ByNodeAuthority>, draining: bool) -> Result<()> {
        instructions::set_draining::handler(ctx, draining)
    }

    /// Takes the first waiting job or waits for one. See [`Work`].
    pub fn work(
        ctx: &mut Context<Work>,
        min_price_per_second: u64,
        max_collateral: u64,
    ) -> Result<()> {
        instructions::work::handler(ctx, min_price_per_second, max_collateral)
    }

    /// Stops waiting. See [`Leave`].
    pub fn leave(ctx: &mut Context<Leave>, cell: u32) -> Result<()> {
        instructions::leave::handler(ctx, cell)
    }

    /// Binds node and job. See [`Start`].
    pub fn start(
        ctx: &mut Context<Start>,
        definition: [u8; 32],
        min_timeout_seconds: u64,
    ) -> Result<()> {
        instructions::start::handler(ctx, definition, min_timeout_seconds)
    }

    /// Proves that the node is alive. See [`Heartbeat`].
    pub fn heartbeat(
        ctx: &mut Context<Heartbeat>,
        checkpoint: [u8; 32],
        progress_bps: u16,
    ) -> Result<()> {
        instructions::heartbeat::handler(ctx, checkpoint, progress_bps)
    }

    /// Commits to a result. See [`EndRun`] and [`instructions::finish`].
    pub fn finish(ctx: &mut Context<EndRun>, result: [u8; 32]) -> Result<()> {
        instructions::finish::handler(ctx, result)
    }

    /// Gives a job back. See [`EndRun`] and [`instructions::quit`].
    pub fn quit(ctx: &mut Context<EndRun>) -> Result<()> {
        instructions::quit::handler(ctx)
    }

    /// Ends the wait of a job that waited too long. See [`ExpireQueued`].
    pub fn expire_queued(ctx: &mut Context<ExpireQueued>, cell: u32) -> Result<()> {
        instructions::expire_queued::handler(ctx, cell)
    }

    /// Undoes a match whose node did not start. See [`ExpireMatch`].
    pub fn expire_match(ctx: &mut Context<ExpireMatch>) -> Result<()> {
        instructions::expire_match::handler(ctx)
    }

    /// Ends a run whose clock ran out or whose node has lost its backing. See [`EndRun`] and
    /// [`instructions::expire_run`].
    pub fn expire_run(ctx: &mut Context<EndRun>) -> Result<()> {
        instructions::expire_run::handler(ctx)
    }

    /// Pays a result after its challenge window. See [`EndRun`] and [`instructions::settle`].
    pub fn settle(ctx: &mut Context<EndRun>) -> Result<()> {
        instructions::settle::handler(ctx)
    }

    /// Takes a credit. See [`Collect`].
    pub fn collect(ctx: &mut Context<Collect>) -> Result<()> {
        instructions::collect::handler(ctx)
    }

    /// Closes a settled job. See [`Clean`].
    pub fn clean(ctx: &mut Context<Clean>) -> Result<()> {
        instructions::clean::handler(ctx)
    }
}
