use anchor_lang::{accounts::Slab, prelude::*};
use bytemuck::{Pod, Zeroable};
use nosana_protocol::ring::{Cell, Ring, Side};

use crate::errors::{self, JobsError};

/// A queue with its cells: the header, a length, and the ring of 40-byte cells.
pub type Queue = Slab<QueueHeader, QueueCell>;

/// What waits in one market. Seeds: `["queue", market]`. The cells follow the header.
#[account]
pub struct QueueHeader {
    /// The market it belongs to.
    pub market: Address,
    /// Base units of fees in the market's vault that are not swept yet.
    pub fees_accrued: u64,
    /// Jobs listed in this market so far.
    pub jobs_listed: u64,
    /// Jobs of this market whose money is not all assigned yet.
    pub open_jobs: u64,
    /// See [`Ring::head`].
    pub head: u32,
    /// See [`Ring::used`].
    pub used: u32,
    /// See [`Ring::live`].
    pub live: u32,
    /// See [`Side`].
    pub side: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 1],
    /// For later fields.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<QueueHeader>() == 136);

/// One cell: a job or a node, and its price. All zero where nothing waits.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub struct QueueCell {
    /// The job's or the node's account.
    pub address: Address,
    /// What the job pays, or the least that the node accepts, in base units a second; little-endian.
    pub price_per_second: [u8; 8],
}

const _: () = assert!(core::mem::size_of::<QueueCell>() == 40 && core::mem::align_of::<QueueCell>() == 1);

impl QueueCell {
    /// A cell for `address`.
    pub const fn new(address: Address, price_per_second: u64) -> Self {
        Self { address, price_per_second: price_per_second.to_le_bytes() }
    }

    /// Base units a second.
    pub const fn price(&self) -> u64 {
        u64::from_le_bytes(self.price_per_second)
    }
}

impl Cell for QueueCell {
    fn is_vacant(&self) -> bool {
        self.address == Address::default()
    }

    fn vacant() -> Self {
        Self::new(Address::default(), 0)
    }
}

impl QueueHeader {
    /// The ring as the protocol sees it.
    pub fn ring(&self) -> Result<Ring> {
        let side = Side::from_byte(self.side).ok_or(JobsError::InvariantViolated)?;
        Ok(Ring { side, head: self.head, used: self.used, live: self.live })
    }

    /// Stores what the protocol decided, if it holds together.
    pub fn store(&mut self, ring: &Ring, capacity: usize) -> Result<()> {
        ring.invariant(capacity).map_err(errors::ring)?;
        self.side = ring.side as u8;
        self.head = ring.head;
        self.used = ring.used;
        self.live = ring.live;
        Ok(())
    }
}
