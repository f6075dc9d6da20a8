//! Events of nodes.

use anchor_lang::prelude::*;

use crate::state::Endpoint;

/// A node was registered.
#[event(bytemuck)]
pub struct NodeRegistered {
    pub node: Address,
    pub authority: Address,
    pub hardware: [u8; 32],
    pub capacity: u64,
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

/// A node stopped waiting: it left, was evicted, or lost its place because a job returned from it,
/// and no other node waits, or it was silent, or had lost its backing.
#[event(bytemuck)]
pub struct NodeLeft {
    pub node: Address,
    pub market: Address,
}
