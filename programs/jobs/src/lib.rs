//! The Nosana marketplace: matches clients and nodes, holds the money, settles.
//!
//! | who | instruction | what it does |
//! | --- | --- | --- |
//! | deployer | [`initialize`](nosana_jobs::initialize) | makes the configuration, once |
//! | anyone | [`open_market`](nosana_jobs::open_market) | opens a market with its queue and vault |
//! | anyone | [`sweep_fees`](nosana_jobs::sweep_fees) | sends a market's fees to the stakers |
//! | anyone | [`grow_queue`](nosana_jobs::grow_queue), [`compact_queue`](nosana_jobs::compact_queue) | keep a queue usable |
//! | client | [`list`](nosana_jobs::list) | deposits the price and lists a job |
//! | client | [`cancel`](nosana_jobs::cancel) | withdraws a job that waits, for a full refund |
//! | client | [`stop`](nosana_jobs::stop) | ends a job that was matched or runs |
//! | node | [`register_node`](nosana_jobs::register_node) | makes the node's account |
//! | node | [`work`](nosana_jobs::work) | locks collateral; takes the first job or waits for one |
//! | node | [`leave`](nosana_jobs::leave) | stops waiting |
//! | node | [`start`](nosana_jobs::start) | binds node and job; the pay clock begins |
//! | node | [`heartbeat`](nosana_jobs::heartbeat) | proves that the node is alive |
//! | node | [`finish`](nosana_jobs::finish) | commits to a result |
//! | node | [`quit`](nosana_jobs::quit) | gives a job back to the queue |
//! | anyone | [`expire_match`](nosana_jobs::expire_match), [`expire_run`](nosana_jobs::expire_run) | act when a clock ran out |
//! | anyone | [`settle`](nosana_jobs::settle) | pays a result after its challenge window |
//! | payee | [`collect`](nosana_jobs::collect) | takes what could not be paid directly |
//! | anyone | [`clean`](nosana_jobs::clean) | closes a settled job after its retention |
//!
//! The states of a job are in [`nosana_protocol::job`], the split of its escrow in [`nosana_protocol::settlement`], the
//! moves of a queue in [`nosana_protocol::ring`]. A market's vault always holds at least the escrows and credits of its
//! jobs and the fees in its queue.

use anchor_lang::prelude::*;

pub mod constants;
pub mod errors;
pub mod events;
pub mod external;
pub mod flow;
pub mod instructions;
pub mod state;

use instructions::*;

declare_id!("AfjSMc2J4umgZ2EP1gXUYbiKTmEkF29EKjug9bc26w14");

#[program]
pub mod nosana_jobs {
    use super::*;

    /// Makes the configuration. See [`Initialize`].
    pub fn initialize(ctx: &mut Context<Initialize>, network_fee_bps: u16) -> Result<()> {
        instructions::initialize::handler(ctx, network_fee_bps)
    }

    /// Opens a market. See [`OpenMarket`].
    pub fn open_market(ctx: &mut Context<OpenMarket>, id: u64, terms: MarketTerms) -> Result<()> {
        instructions::open_market::handler(ctx, id, terms)
    }

    /// Sends the fees of a market to the reward pool. See [`SweepFees`].
    pub fn sweep_fees(ctx: &mut Context<SweepFees>) -> Result<()> {
        instructions::sweep_fees::handler(ctx)
    }

    /// Adds cells to a queue. See [`GrowQueue`].
    pub fn grow_queue(ctx: &mut Context<GrowQueue>, cells: u32) -> Result<()> {
        instructions::grow_queue::handler(ctx, cells)
    }

    /// Drops tombstones from the head of a queue. See [`CompactQueue`].
    pub fn compact_queue(ctx: &mut Context<CompactQueue>, limit: u32) -> Result<()> {
        instructions::compact_queue::handler(ctx, limit)
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
        instructions::list::handler(ctx, nonce, definition, kind, timeout_seconds, max_price_per_second)
    }

    /// Withdraws a waiting job. See [`Cancel`].
    pub fn cancel(ctx: &mut Context<Cancel>, cell: u32) -> Result<()> {
        instructions::cancel::handler(ctx, cell)
    }

    /// Ends a matched or running job. See [`EndRun`] and [`instructions::stop`].
    pub fn stop(ctx: &mut Context<EndRun>) -> Result<()> {
        instructions::stop::handler(ctx)
    }

    /// Makes a node's account. See [`RegisterNode`].
    pub fn register_node(
        ctx: &mut Context<RegisterNode>,
        hardware: [u8; 32],
        vram_mib: u32,
        capacity: u8,
    ) -> Result<()> {
        instructions::register_node::handler(ctx, hardware, vram_mib, capacity)
    }

    /// Takes the first waiting job or waits for one. See [`Work`].
    pub fn work(ctx: &mut Context<Work>, min_price_per_second: u64) -> Result<()> {
        instructions::work::handler(ctx, min_price_per_second)
    }

    /// Stops waiting. See [`Leave`].
    pub fn leave(ctx: &mut Context<Leave>, cell: u32) -> Result<()> {
        instructions::leave::handler(ctx, cell)
    }

    /// Binds node and job. See [`Start`].
    pub fn start(ctx: &mut Context<Start>) -> Result<()> {
        instructions::start::handler(ctx)
    }

    /// Proves that the node is alive. See [`Heartbeat`].
    pub fn heartbeat(ctx: &mut Context<Heartbeat>, checkpoint: [u8; 32]) -> Result<()> {
        instructions::heartbeat::handler(ctx, checkpoint)
    }

    /// Commits to a result. See [`EndRun`] and [`instructions::finish`].
    pub fn finish(ctx: &mut Context<EndRun>, result: [u8; 32]) -> Result<()> {
        instructions::finish::handler(ctx, result)
    }

    /// Gives a job back. See [`EndRun`] and [`instructions::quit`].
    pub fn quit(ctx: &mut Context<EndRun>) -> Result<()> {
        instructions::quit::handler(ctx)
    }

    /// Undoes a match whose node did not start. See [`ExpireMatch`].
    pub fn expire_match(ctx: &mut Context<ExpireMatch>) -> Result<()> {
        instructions::expire_match::handler(ctx)
    }

    /// Ends a run whose node fell silent or whose deadline passed. See [`EndRun`] and [`instructions::expire_run`].
    pub fn expire_run(ctx: &mut Context<EndRun>) -> Result<()> {
        instructions::expire_run::handler(ctx)
    }

    /// Pays a result after its challenge window. See [`Settle`].
    pub fn settle(ctx: &mut Context<Settle>) -> Result<()> {
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
