//! Events of jobs, from their listing to their end.

use anchor_lang::prelude::*;

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
