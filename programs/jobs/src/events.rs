//! Events of the jobs program. Amounts are base units of NOS, times Unix timestamps in seconds,
//! digests sha2-256.

use anchor_lang::prelude::*;

use crate::state::Endpoint;

/// The `cell` of an event whose job or node does not wait in the queue.
pub const NO_CELL: u64 = u64::MAX;

/// A market was opened.
#[event(bytemuck)]
pub struct MarketOpened {
    pub market: Address,
    pub authority: Address,
    pub price_per_second: u64,
}

/// New terms of a market were announced. If `from` is zero, they are in force now.
#[event(bytemuck)]
pub struct MarketTermsChanged {
    pub market: Address,
    pub price_per_second: u64,
    pub from: i64,
}

/// The proposed authority of a market accepted.
#[event(bytemuck)]
pub struct MarketHandedOver {
    pub market: Address,
    pub authority: Address,
}

/// A market was retired: it accepts no new jobs and no new nodes.
#[event(bytemuck)]
pub struct MarketRetired {
    pub market: Address,
}

/// A market was closed. `amount` was in its vault: its deposit, and tokens that others sent there.
#[event(bytemuck)]
pub struct MarketClosed {
    pub market: Address,
    pub amount: u64,
}

/// A policy was announced. If `from` is zero, it is in force now.
#[event(bytemuck)]
pub struct PolicyChanged {
    pub market_deposit: u64,
    pub max_timeout_seconds: u64,
    pub network_fee_bps: u64,
    pub from: i64,
}

/// The admin or the guardian changed, or entry was paused or unpaused.
#[event(bytemuck)]
pub struct AuthoritiesChanged {
    pub admin: Address,
    pub guardian: Address,
    pub paused: u64,
}

/// A node changed its hardware, its payout account, or whether it drains.
#[event(bytemuck)]
pub struct NodeUpdated {
    pub node: Address,
    pub payout: Address,
    pub hardware: [u8; 32],
    pub vram_mib: u32,
    pub prompt_tokens_per_second: u32,
    pub capacity: u32,
    pub draining: u32,
}

/// A node announced where clients can connect to it, or withdrew that: then all is zero.
#[event(bytemuck)]
pub struct NodeEndpointSet {
    pub node: Address,
    /// Where clients connect to the node.
    pub endpoint: Endpoint,
}

/// A node may take seats of panels from now on, or may not any more: then both numbers are zero.
#[event(bytemuck)]
pub struct PanelistEnrolled {
    pub node: Address,
    /// Weight of the node in draws, in xNOS.
    pub weight: u64,
    /// Unix timestamp of the enrolment.
    pub since: i64,
}

/// The timeout of a job was extended.
#[event(bytemuck)]
pub struct JobExtended {
    pub job: Address,
    pub timeout_seconds: u64,
    pub escrow: u64,
}

/// The budget of a job was topped up.
#[event(bytemuck)]
pub struct JobToppedUp {
    pub job: Address,
    pub amount: u64,
    pub budget: u64,
}

/// A node was registered.
#[event(bytemuck)]
pub struct NodeRegistered {
    pub node: Address,
    pub authority: Address,
    pub hardware: [u8; 32],
    pub capacity: u64,
}

/// A job was listed. `node` is the waiting node that it was matched with, zero if it waits.
#[event(bytemuck)]
pub struct JobListed {
    pub job: Address,
    pub market: Address,
    pub client: Address,
    /// Paid the deposit and the rent.
    pub payer: Address,
    pub node: Address,
    pub definition: [u8; 32],
    pub escrow: u64,
    pub price_per_second: u64,
    pub timeout_seconds: u64,
    /// The queue's cell in which the job waits: the hint for `cancel`. `u64::MAX` if it was
    /// matched.
    pub cell: u64,
    /// Distinguishes the jobs of one client.
    pub nonce: u64,
    /// Kind of the job: 0 batch, 1 service, 2 verified batch.
    pub kind: u64,
}

/// A node requested work. `job` is the waiting job that it took, zero if the node waits.
#[event(bytemuck)]
pub struct WorkOffered {
    pub node: Address,
    pub market: Address,
    pub job: Address,
    pub min_price_per_second: u64,
    /// The queue's cell in which the node waits: the hint for `leave`. `u64::MAX` if it took a job.
    pub cell: u64,
}

/// A node stopped waiting: it left, was evicted, or lost its place because a job that it failed to
/// run returned to the queue.
#[event(bytemuck)]
pub struct NodeLeft {
    pub node: Address,
    pub market: Address,
}

/// A node started a job.
#[event(bytemuck)]
pub struct JobStarted {
    pub job: Address,
    pub node: Address,
    pub started_at: i64,
    pub deadline: i64,
}

/// A node sent a heartbeat.
#[event(bytemuck)]
pub struct JobHeartbeat {
    pub job: Address,
    pub checkpoint: [u8; 32],
    pub at: i64,
    pub progress_bps: u64,
}

/// A node submitted a result, and its challenge window began. In a market without a challenge
/// window, `JobSettled` reports the result.
#[event(bytemuck)]
pub struct JobSubmitted {
    pub job: Address,
    pub node: Address,
    pub result: [u8; 32],
    pub submitted_at: i64,
}

/// A job returned to the queue. `node` is the waiting node that it was matched with, zero if it
/// waits.
#[event(bytemuck)]
pub struct JobRequeued {
    pub job: Address,
    pub node: Address,
    pub attempts: u64,
    /// Why the job returned, as a number of `nosana_protocol::job::ReturnCause`.
    pub cause: u64,
    /// The queue's cell in which the job waits: the hint for `cancel`. `u64::MAX` if it was
    /// matched.
    pub cell: u64,
}

/// The client of a matched job asked that it is settled instead of requeued.
#[event(bytemuck)]
pub struct JobCancelRequested {
    pub job: Address,
    pub node: Address,
}

/// A client rejected a result, and the job is requeued or settled. `amount` is what the client paid
/// to the network: what the node would have earned, and the fee on it.
#[event(bytemuck)]
pub struct ResultRejected {
    pub job: Address,
    pub node: Address,
    pub result: [u8; 32],
    pub amount: u64,
}

/// The client rejected a disputed result. The job is settled as rejected if the dispute does not
/// decide.
#[event(bytemuck)]
pub struct RejectionRequested {
    pub job: Address,
    pub node: Address,
    pub result: [u8; 32],
}

/// A job was settled. `node_amount + payer_amount + network_amount` equals its escrow, and what a
/// dispute adds from the bond or from the node's collateral.
#[event(bytemuck)]
pub struct JobSettled {
    pub job: Address,
    pub node: Address,
    /// Digest of the result; zero if there is none.
    pub result: [u8; 32],
    /// Why the job was settled, as a number of `nosana_protocol::job::Reason`.
    pub reason: u64,
    pub node_amount: u64,
    pub payer_amount: u64,
    pub network_amount: u64,
    pub paid_seconds: u64,
    pub settled_at: i64,
}

/// A result was challenged. The job is disputed from now on.
#[event(bytemuck)]
pub struct ResultChallenged {
    pub dispute: Address,
    pub job: Address,
    pub node: Address,
    pub challenger: Address,
    pub bond: u64,
    pub panel_fee: u64,
    /// Slot from which the slot of the seed is counted.
    pub challenged_slot: u64,
    pub ends_at: i64,
}

/// The panel of a dispute is drawn: seats can be taken.
#[event(bytemuck)]
pub struct PanelDrawn {
    pub dispute: Address,
    pub seed: [u8; 32],
    /// Weight of all enrolled nodes, in xNOS.
    pub panel_weight: u64,
    pub drawn_at: i64,
    pub ends_at: i64,
}

/// The slots after a challenge were forgotten before anybody drew the panel. They are counted anew.
#[event(bytemuck)]
pub struct DrawDelayed {
    pub dispute: Address,
    /// Slot from which the slot of the seed is counted.
    pub challenged_slot: u64,
}

/// A node took a seat of a panel.
#[event(bytemuck)]
pub struct SeatClaimed {
    pub dispute: Address,
    pub node: Address,
    /// The node that had the seat; zero if it was free.
    pub displaced: Address,
    /// The node's score.
    pub score: u64,
    pub seats_taken: u64,
    pub ends_at: i64,
}

/// A panelist committed to its sketch and verdict.
#[event(bytemuck)]
pub struct SketchCommitted {
    pub dispute: Address,
    pub node: Address,
    /// Panelists who have committed.
    pub committed: u64,
    pub ends_at: i64,
}

/// The node of a disputed result opened its trace.
#[event(bytemuck)]
pub struct TraceOpened {
    pub dispute: Address,
    /// The sketch of the node's work.
    pub trace: [u8; 32],
    pub ends_at: i64,
}

/// A panelist revealed its vote.
#[event(bytemuck)]
pub struct VoteRevealed {
    pub dispute: Address,
    pub node: Address,
    /// The sketch of the panelist's work.
    pub sketch: [u8; 32],
    /// 1 right, 2 wrong, 3 not decidable.
    pub verdict: u64,
}

/// A dispute was resolved. The amounts are those of the job and the dispute together:
/// `node_amount + payer_amount + network_amount + challenger_amount` and the panelists' fees equal
/// escrow, bond and bounty.
#[event(bytemuck)]
pub struct DisputeResolved {
    pub dispute: Address,
    pub job: Address,
    pub node: Address,
    pub challenger: Address,
    /// The outcome, as a number of `nosana_protocol::dispute::votes::Outcome`.
    pub outcome: u64,
    pub node_amount: u64,
    pub payer_amount: u64,
    pub network_amount: u64,
    /// Base units allocated to the challenger.
    pub challenger_amount: u64,
    /// Base units of the node's stake that were taken.
    pub slashed: u64,
    /// The part of them that went to the market's vault, for those who are paid.
    pub bounty: u64,
}

/// A panelist was paid or punished, and its collateral released.
#[event(bytemuck)]
pub struct SeatClosed {
    pub dispute: Address,
    pub node: Address,
    /// Base units of the panelist's fee that were paid.
    pub fee: u64,
    /// Base units of it that became fees of the market, because they could not be paid.
    pub forfeited: u64,
    /// Base units of the panelist's stake that were taken.
    pub slashed: u64,
    /// The part of them for the caller.
    pub reward: u64,
}

/// A dispute was closed.
#[event(bytemuck)]
pub struct DisputeClosed {
    pub dispute: Address,
    pub challenger: Address,
    /// Base units that were paid to the challenger now.
    pub paid: u64,
    /// Base units that became fees of the market, because they could not be paid.
    pub forfeited: u64,
}

/// Credits of a job were collected.
#[event(bytemuck)]
pub struct CreditCollected {
    pub job: Address,
    pub destination: Address,
    pub amount: u64,
}

/// Credits of a job that nobody collected became fees of the market.
#[event(bytemuck)]
pub struct CreditForfeited {
    pub job: Address,
    pub market: Address,
    pub amount: u64,
}

/// A settled job was closed.
#[event(bytemuck)]
pub struct JobClosed {
    pub job: Address,
    pub payer: Address,
}

/// The fees of a market were sent to the reward pool.
#[event(bytemuck)]
pub struct FeesSwept {
    pub market: Address,
    pub amount: u64,
}
