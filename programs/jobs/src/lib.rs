//! The Nosana marketplace: matches clients with nodes, holds the escrows, settles the jobs.
//!
//! | who | instruction | what it does |
//! | --- | --- | --- |
//! | deployer | `initialize` | creates the configuration, once |
//! | admin | `propose_admin`, `accept_admin`, `set_guardian` | hand over, name the guardian |
//! | admin | `propose_policy` | changes fee, deposit and bounds: tightening at once, loosening after three days |
//! | guardian | `set_paused` | pauses and unpauses entry, never exit |
//! | anyone | `apply_policy`, `apply_terms` | put announced values in force after their notice |
//! | anyone | `open_market` | opens a market with its queue and vault, for a deposit |
//! | market authority | `propose_terms`, `propose_market_authority`, `retire_market`, `close_market` | change, hand over, end the market |
//! | anyone | `grow_queue`, `evict_node`, `sweep_fees` | maintain a market |
//! | client | `list`, `assign` | deposits the price and lists a job, for the first waiting node or for a chosen one |
//! | client | `cancel` | withdraws a waiting job, for a full refund, or a matched one if its node does not start it |
//! | client | `extend` | buys more time; anyone may `top_up` the budget for it |
//! | client | `stop` | ends a running job, or one that a node took and has not started |
//! | client | `accept`, `reject` | accepts or rejects a result before its challenge window is over |
//! | node | `register_node`, `update_hardware`, `set_payout`, `set_draining`, `set_endpoint` | create and change the node's account |
//! | node | `enrol_panelist` | enrols for panels, or leaves them |
//! | anyone | `remove_panelist` | ends the enrolment of a node whose stake has become smaller |
//! | node | `work` | locks the collateral that it has not kept; takes the first job or waits for one |
//! | node | `leave` | stops waiting |
//! | node | `release_collateral` | releases the collateral that it has kept and does not use |
//! | node | `start` | begins the run; the pay clock begins |
//! | node | `heartbeat` | proves that the node is alive |
//! | node | `finish` | submits a result |
//! | node | `quit` | gives a job back to the queue |
//! | anyone | `expire_queued`, `expire_match`, `expire_run` | end a wait whose clock has run out |
//! | anyone | `settle` | pays a result after its challenge window |
//! | anyone | `challenge` | disputes the result of a verified job, for a bond |
//! | anyone | `draw_panel`, `resolve`, `close_seat`, `close_dispute` | draw the panel of a dispute; end it; pay or punish |
//! | node | `claim_seat`, `commit_sketch`, `reveal` | judges a disputed result |
//! | node | `open_trace` | shows the work behind its disputed result |
//! | payee | `collect` | collects credits, which could not be paid directly |
//! | anyone | `forfeit_credit` | turns a credit that nobody collected into fees |
//! | anyone | `clean` | closes a settled job after its retention |
//!
//! | module | purpose |
//! | --- | --- |
//! | [`instructions`] | one file for each instruction: accounts, specification, handler |
//! | [`state`] | the accounts of the program |
//! | [`settlement`] | allocates an escrow, pays it, sends tokens |
//! | [`requeue`] | returns a job to its queue |
//! | [`access`] | access collections |
//! | [`cpi_calls`] | calls to the staking program |
//! | [`events`], [`errors`], [`constants`] | what clients read; limits |
//!
//! The states of a job are in [`nosana_protocol::job`], the split of its escrow in
//! [`nosana_protocol::settlement`], the moves of a queue in [`nosana_protocol::queue`]. A market's
//! vault always holds at least the escrows and credits of its jobs, the fees in its queue, and its
//! deposit.

use anchor_lang::prelude::*;

pub mod access;
pub mod constants;
pub mod cpi_calls;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod new_job;
mod requeue;
pub mod settlement;
pub mod state;

use instructions::*;
use state::{Endpoint, Hardware, MarketTerms};

declare_id!("AfjSMc2J4umgZ2EP1gXUYbiKTmEkF29EKjug9bc26w14");

// Security researchers find these contacts in the deployed program.
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

    /// Creates the configuration. Only the program's upgrade authority can call it, once.
    pub fn initialize(
        ctx: &mut Context<Initialize>,
        network_fee_bps: u16,
        market_deposit: u64,
    ) -> Result<()> {
        process_initialize(ctx, network_fee_bps, market_deposit)
    }

    /// Proposes the next admin, who must accept. The zero address withdraws a proposal.
    pub fn propose_admin(ctx: &mut Context<ByAdmin>, next_admin: Address) -> Result<()> {
        process_propose_admin(ctx, next_admin)
    }

    /// Accepts a proposal to become the admin.
    pub fn accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
        process_accept_admin(ctx)
    }

    /// Names the guardian, who can pause and unpause entry.
    pub fn set_guardian(ctx: &mut Context<ByAdmin>, guardian: Address) -> Result<()> {
        process_set_guardian(ctx, guardian)
    }

    /// Pauses or unpauses entry. Everything that ends a job, a wait or a market stays possible.
    pub fn set_paused(ctx: &mut Context<SetPaused>, paused: bool) -> Result<()> {
        process_set_paused(ctx, paused)
    }

    /// Changes fee, market deposit and highest timeout: at once if none of them rises, else
    /// announced for three days.
    pub fn propose_policy(
        ctx: &mut Context<ByAdmin>,
        network_fee_bps: u16,
        market_deposit: u64,
        max_timeout_seconds: u64,
    ) -> Result<()> {
        process_propose_policy(ctx, network_fee_bps, market_deposit, max_timeout_seconds)
    }

    /// Puts the announced policy in force. Anyone can call it after the notice.
    pub fn apply_policy(ctx: &mut Context<ApplyPolicy>) -> Result<()> {
        process_apply_policy(ctx)
    }

    /// Opens a market with its queue and vault, for a deposit.
    pub fn open_market(
        ctx: &mut Context<OpenMarket>,
        id: u64,
        notice_seconds: u32,
        terms: MarketTerms,
    ) -> Result<()> {
        process_open_market(ctx, id, notice_seconds, &terms)
    }

    /// Announces new terms of a market for the market's notice.
    pub fn propose_terms(ctx: &mut Context<ProposeTerms>, terms: MarketTerms) -> Result<()> {
        process_propose_terms(ctx, &terms)
    }

    /// Puts the announced terms of a market in force. Anyone can call it after the notice.
    pub fn apply_terms(ctx: &mut Context<ApplyTerms>) -> Result<()> {
        process_apply_terms(ctx)
    }

    /// Proposes the next authority of a market, who must accept. The zero address withdraws a
    /// proposal.
    pub fn propose_market_authority(
        ctx: &mut Context<ByMarketAuthority>,
        next_authority: Address,
    ) -> Result<()> {
        process_propose_market_authority(ctx, next_authority)
    }

    /// Accepts a proposal to become the authority of a market.
    pub fn accept_market_authority(ctx: &mut Context<AcceptMarketAuthority>) -> Result<()> {
        process_accept_market_authority(ctx)
    }

    /// Retires a market: it accepts no new jobs and no new nodes. This cannot be undone.
    pub fn retire_market(ctx: &mut Context<ByMarketAuthority>) -> Result<()> {
        process_retire_market(ctx)
    }

    /// Closes a retired and empty market; returns its deposit and rent.
    pub fn close_market(ctx: &mut Context<CloseMarket>) -> Result<()> {
        process_close_market(ctx)
    }

    /// Sends the fees of a market to the reward pool. Anyone can call it.
    pub fn sweep_fees(ctx: &mut Context<SweepFees>) -> Result<()> {
        process_sweep_fees(ctx)
    }

    /// Adds up to 200 cells to a queue. Anyone can call it and pays the rent.
    pub fn grow_queue(ctx: &mut Context<GrowQueue>, cells: u32) -> Result<()> {
        process_grow_queue(ctx, cells)
    }

    /// Removes a waiting node that does not satisfy the market's terms. Anyone can call it. `cell`
    /// is the cell in which the node waits.
    pub fn evict_node(ctx: &mut Context<EvictNode>, cell: u32) -> Result<()> {
        process_evict_node(ctx, cell)
    }

    /// Lists a job and deposits its price and fee. The job is matched with the first waiting node,
    /// or waits in the queue.
    pub fn list(
        ctx: &mut Context<List>,
        nonce: u64,
        definition: [u8; 32],
        kind: u8,
        timeout_seconds: u64,
        max_price_per_second: u64,
        is_private: bool,
    ) -> Result<()> {
        process_list(
            ctx,
            &ListArgs {
                nonce,
                definition,
                kind,
                timeout_seconds,
                max_price_per_second,
                is_private,
            },
        )
    }

    /// Lists a job for the waiting node `node`, which waits in the cell `node_cell`.
    #[allow(clippy::too_many_arguments, reason = "clients see each of them by its name")]
    pub fn assign(
        ctx: &mut Context<List>,
        nonce: u64,
        definition: [u8; 32],
        kind: u8,
        timeout_seconds: u64,
        max_price_per_second: u64,
        is_private: bool,
        node: Address,
        node_cell: u32,
    ) -> Result<()> {
        process_assign(
            ctx,
            &ListArgs {
                nonce,
                definition,
                kind,
                timeout_seconds,
                max_price_per_second,
                is_private,
            },
            node,
            node_cell,
        )
    }

    /// Withdraws a waiting job, for a full refund. `cell` is the cell in which the job waits. A job
    /// that is matched with a node is withdrawn if that node does not start it.
    pub fn cancel(ctx: &mut Context<Cancel>, cell: u32) -> Result<()> {
        process_cancel(ctx, cell)
    }

    /// Extends the timeout of a job by `added_seconds`. Its budget pays first, then the payer.
    pub fn extend(ctx: &mut Context<Extend>, added_seconds: u64) -> Result<()> {
        process_extend(ctx, added_seconds)
    }

    /// Adds `amount` to a job's budget. Anyone can call it.
    pub fn top_up(ctx: &mut Context<TopUp>, amount: u64) -> Result<()> {
        process_top_up(ctx, amount)
    }

    /// Ends a running job, or one that a node took and has not started. `attempt_id` is the job's
    /// current attempt.
    pub fn stop(ctx: &mut Context<EndRun>, attempt_id: u64) -> Result<()> {
        process_stop(ctx, attempt_id)
    }

    /// Accepts a submitted result before its challenge window is over, and pays it. `attempt_id` is
    /// the job's current attempt.
    pub fn accept(ctx: &mut Context<EndRun>, attempt_id: u64) -> Result<()> {
        process_accept(ctx, attempt_id)
    }

    /// Rejects a submitted result before its challenge window is over: the node's pay goes to the
    /// network. With `requeue` the client pays that on top, and the job returns to the queue while
    /// it has an attempt left. `attempt_id` is the job's current attempt. A disputed result is
    /// rejected in case the dispute does not decide.
    pub fn reject(ctx: &mut Context<EndRun>, attempt_id: u64, requeue: bool) -> Result<()> {
        process_reject(ctx, attempt_id, requeue)
    }

    /// Creates the account of a node.
    pub fn register_node(ctx: &mut Context<RegisterNode>, hardware: Hardware) -> Result<()> {
        process_register_node(ctx, &hardware)
    }

    /// Changes a node's hardware and its number of slots, while no slot is in use.
    pub fn update_hardware(ctx: &mut Context<ByNodeAuthority>, hardware: Hardware) -> Result<()> {
        process_update_hardware(ctx, &hardware)
    }

    /// Changes the token account that is paid for jobs that the node starts from now on.
    pub fn set_payout(ctx: &mut Context<SetPayout>) -> Result<()> {
        process_set_payout(ctx)
    }

    /// Makes a node take no new jobs, or take them again.
    pub fn set_draining(ctx: &mut Context<ByNodeAuthority>, draining: bool) -> Result<()> {
        process_set_draining(ctx, draining)
    }

    /// Announces where clients can connect to a node; an endpoint of zeros withdraws it.
    pub fn set_endpoint(ctx: &mut Context<ByNodeAuthority>, endpoint: Endpoint) -> Result<()> {
        process_set_endpoint(ctx, endpoint)
    }

    /// Enrols a node for panels with the weight of its own stake, or ends that.
    pub fn enrol_panelist(ctx: &mut Context<EnrolPanelist>, enrolled: bool) -> Result<()> {
        process_enrol_panelist(ctx, enrolled)
    }

    /// Ends the enrolment of a node whose stake has less weight than it enrolled with. Anyone can
    /// call it.
    pub fn remove_panelist(ctx: &mut Context<RemovePanelist>) -> Result<()> {
        process_remove_panelist(ctx)
    }

    /// Requests work: takes the first waiting job, or waits for one. Locks what the node has not
    /// kept of the collateral.
    pub fn work(
        ctx: &mut Context<Work>,
        min_price_per_second: u64,
        max_collateral: u64,
    ) -> Result<()> {
        process_work(ctx, min_price_per_second, max_collateral)
    }

    /// Stops waiting. `cell` is the cell in which the node waits.
    pub fn leave(ctx: &mut Context<Leave>, cell: u32) -> Result<()> {
        process_leave(ctx, cell)
    }

    /// Releases the collateral that the node has kept and does not use.
    pub fn release_collateral(ctx: &mut Context<ReleaseCollateral>) -> Result<()> {
        process_release_collateral(ctx)
    }

    /// Starts a job that the node took or is matched with. The pay clock begins.
    pub fn start(
        ctx: &mut Context<Start>,
        definition: [u8; 32],
        min_timeout_seconds: u64,
    ) -> Result<()> {
        process_start(ctx, definition, min_timeout_seconds)
    }

    /// Proves that the node is alive, and reports a checkpoint and the progress. `attempt_id` is
    /// the job's current attempt.
    pub fn heartbeat(
        ctx: &mut Context<Heartbeat>,
        attempt_id: u64,
        checkpoint: [u8; 32],
        progress_bps: u16,
    ) -> Result<()> {
        process_heartbeat(ctx, attempt_id, checkpoint, progress_bps)
    }

    /// Submits the result of a batch job. Without a challenge window the job is settled at once.
    /// `trace` is the commitment to the trace of a verified job, and zero for any other.
    /// `attempt_id` is the job's current attempt.
    pub fn finish(
        ctx: &mut Context<EndRun>,
        attempt_id: u64,
        result: [u8; 32],
        trace: [u8; 32],
    ) -> Result<()> {
        process_finish(ctx, attempt_id, result, trace)
    }

    /// Gives a job back, for `cause` (a number of `ReturnCause` from 1 to 8). The job returns to
    /// the queue, or is settled with a full refund. `attempt_id` is the job's current attempt,
    /// `detail` the digest of the node's words about it, zero if there are none.
    pub fn quit(
        ctx: &mut Context<EndRun>,
        attempt_id: u64,
        cause: u8,
        detail: [u8; 32],
    ) -> Result<()> {
        process_quit(ctx, attempt_id, cause, detail)
    }

    /// Settles a job that waited longer than its queue clock, with a full refund. Anyone can call
    /// it. `cell` is the cell in which the job waits.
    pub fn expire_queued(ctx: &mut Context<ExpireQueued>, cell: u32) -> Result<()> {
        process_expire_queued(ctx, cell)
    }

    /// Takes a job from a node that did not start it in time. Anyone can call it and gets a share
    /// of the penalty; the rest is burnt.
    pub fn expire_match(ctx: &mut Context<ExpireMatch>) -> Result<()> {
        process_expire_match(ctx)
    }

    /// Ends a run whose clock has run out or whose node has lost its backing. Anyone can call it.
    pub fn expire_run(ctx: &mut Context<ExpireRun>) -> Result<()> {
        process_expire_run(ctx)
    }

    /// Pays a submitted result after its challenge window. Anyone can call it.
    pub fn settle(ctx: &mut Context<EndRun>) -> Result<()> {
        process_settle(ctx)
    }

    /// Disputes a submitted result of a verified job, for a bond of four panel fees. `attempt_id`
    /// is the job's current attempt.
    pub fn challenge(ctx: &mut Context<Challenge>, attempt_id: u64) -> Result<()> {
        process_challenge(ctx, attempt_id)
    }

    /// Draws the panel of a dispute by the hash of a slot. Anyone can call it.
    pub fn draw_panel(ctx: &mut Context<DrawPanel>) -> Result<()> {
        process_draw_panel(ctx)
    }

    /// Takes a seat of a panel, with collateral: a free one, or that of the highest score.
    pub fn claim_seat(ctx: &mut Context<ClaimSeat>) -> Result<()> {
        process_claim_seat(ctx)
    }

    /// Commits a panelist to its sketch and verdict.
    pub fn commit_sketch(ctx: &mut Context<BySeat>, commitment: [u8; 32]) -> Result<()> {
        process_commit_sketch(ctx, commitment)
    }

    /// Opens the trace to which the node committed with its result.
    pub fn open_trace(
        ctx: &mut Context<OpenTrace>,
        sketch: [u8; 32],
        salt: [u8; 32],
    ) -> Result<()> {
        process_open_trace(ctx, sketch, salt)
    }

    /// Reveals the sketch and the verdict to which a panelist committed.
    pub fn reveal(
        ctx: &mut Context<BySeat>,
        sketch: [u8; 32],
        verdict: u8,
        salt: [u8; 32],
    ) -> Result<()> {
        process_reveal(ctx, sketch, verdict, salt)
    }

    /// Ends a dispute: settles the job by the votes. Anyone can call it.
    pub fn resolve(ctx: &mut Context<Resolve>) -> Result<()> {
        process_resolve(ctx)
    }

    /// Pays or punishes a panelist of a resolved dispute. Anyone can call it, and gets a part of
    /// what an absent panelist loses. Seats that lose by their votes come before those that are
    /// paid. `seat` is the index of the seat.
    pub fn close_seat(ctx: &mut Context<CloseSeat>, seat: u8) -> Result<()> {
        process_close_seat(ctx, seat)
    }

    /// Closes a resolved dispute after its seats. Anyone can call it; the rent goes to the
    /// challenger.
    pub fn close_dispute(ctx: &mut Context<CloseDispute>) -> Result<()> {
        process_close_dispute(ctx)
    }

    /// Collects credits of a job, which could not be paid directly.
    pub fn collect(ctx: &mut Context<Collect>) -> Result<()> {
        process_collect(ctx)
    }

    /// Turns credits of a job that nobody collected in time into fees. Anyone can call it.
    pub fn forfeit_credit(ctx: &mut Context<ForfeitCredit>) -> Result<()> {
        process_forfeit_credit(ctx)
    }

    /// Closes a settled job after its retention. Anyone can call it; the rent goes to the payer.
    pub fn clean(ctx: &mut Context<Clean>) -> Result<()> {
        process_clean(ctx)
    }
}
