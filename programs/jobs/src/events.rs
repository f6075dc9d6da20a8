//! What the jobs program tells the world. Amounts are base units of NOS, times unix seconds,
//! digests sha2-256.

use anchor_lang::prelude::*;

/// A market was opened.
#[event(bytemuck)]
pub struct MarketOpened {
    pub market: Address,
    pub authority: Address,
    pub price_per_second: u64,
}

/// New terms of a market were announced, or, with `from` zero, are in force.
#[event(bytemuck)]
pub struct MarketTermsChanged {
    pub market: Address,
    pub price_per_second: u64,
    pub from: i64,
}

/// A market has another authority.
#[event(bytemuck)]
pub struct MarketHandedOver {
    pub market: Address,
    pub authority: Address,
}

/// A market takes nothing new any more.
#[event(bytemuck)]
pub struct MarketRetired {
    pub market: Address,
}

/// A market was closed. `amount` was in its vault: its deposit, and what strangers had sent there.
#[event(bytemuck)]
pub struct MarketClosed {
    pub market: Address,
    pub amount: u64,
}

/// A policy was announced, or, with `from` zero, is in force.
#[event(bytemuck)]
pub struct PolicyChanged {
    pub market_deposit: u64,
    pub max_timeout_seconds: u64,
    pub network_fee_bps: u64,
    pub from: i64,
}

/// Someone else is admin or guardian now, or entry was paused or unpaused.
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
    pub gflops: u32,
    pub capacity: u32,
    pub draining: u32,
}

/// A job has more time.
#[event(bytemuck)]
pub struct JobExtended {
    pub job: Address,
    pub timeout_seconds: u64,
    pub escrow: u64,
}

/// Someone added to the budget of a job.
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

/// A job was listed. `node` is the waiting node that it met, zero if none waited.
#[event(bytemuck)]
pub struct JobListed {
    pub job: Address,
    pub market: Address,
    pub client: Address,
    pub node: Address,
    pub definition: [u8; 32],
    pub escrow: u64,
    pub price_per_second: u64,
    pub timeout_seconds: u64,
    /// The queue's cell in which it waits: the hint for `cancel`. `u64::MAX` if it was matched.
    pub cell: u64,
}

/// A node offered to work. `job` is the waiting job that it took, zero if it waits itself.
#[event(bytemuck)]
pub struct WorkOffered {
    pub node: Address,
    pub market: Address,
    pub job: Address,
    pub min_price_per_second: u64,
    /// The queue's cell in which it waits: the hint for `leave`. `u64::MAX` if it took a job.
    pub cell: u64,
}

/// A node stopped waiting, was evicted, or gave up its place with a job that it failed.
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

/// A node proved that it is alive.
#[event(bytemuck)]
pub struct JobHeartbeat {
    pub job: Address,
    pub checkpoint: [u8; 32],
    pub at: i64,
    pub progress_bps: u64,
}

/// A node committed to a result, whose challenge window runs now. Without a window [`JobSettled`]
/// tells the result.
#[event(bytemuck)]
pub struct JobSubmitted {
    pub job: Address,
    pub node: Address,
    pub result: [u8; 32],
    pub submitted_at: i64,
}

/// A job went back to the queue. `node` is the waiting node that it met, zero if none waited.
#[event(bytemuck)]
pub struct JobRequeued {
    pub job: Address,
    pub node: Address,
    pub attempts: u64,
    pub cell: u64,
}

/// All money of a job was assigned. `node + payer + network` is what its escrow was.
#[event(bytemuck)]
pub struct JobSettled {
    pub job: Address,
    pub node: Address,
    /// Digest of the result; zero if there is none.
    pub result: [u8; 32],
    /// See [`nosana_protocol::job::Reason`].
    pub reason: u64,
    pub node_amount: u64,
    pub payer_amount: u64,
    pub network_amount: u64,
    pub paid_seconds: u64,
    pub settled_at: i64,
}

/// Someone took what could not be paid directly.
#[event(bytemuck)]
pub struct CreditCollected {
    pub job: Address,
    pub destination: Address,
    pub amount: u64,
}

/// A settled job was closed.
#[event(bytemuck)]
pub struct JobClosed {
    pub job: Address,
    pub payer: Address,
}

/// Fees went to the reward pool.
#[event(bytemuck)]
pub struct FeesSwept {
    pub market: Address,
    pub amount: u64,
}
