//! What the jobs program tells the world. Amounts are base units of NOS, times unix seconds, digests sha2-256.

use anchor_lang::prelude::*;

/// A market was opened.
#[event(bytemuck)]
pub struct MarketOpened {
    pub market: Address,
    pub authority: Address,
    pub price_per_second: u64,
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

/// A node stopped waiting.
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
}

/// A node committed to a result.
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
