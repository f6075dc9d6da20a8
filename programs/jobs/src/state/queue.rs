use anchor_lang::{accounts::Slab, prelude::*};
use bytemuck::{Pod, Zeroable};
use nosana_protocol::queue::{Cell, Fifo, Link, Side};

use crate::errors::{self, JobsError};

/// A queue with its cells: the header, a length, and the 48-byte cells of the line.
pub type Queue = Slab<QueueHeader, QueueCell>;

/// What waits in one market, and what its vault owes. Seeds: `["queue", market]`. The cells follow
/// the header.
#[account]
pub struct QueueHeader {
    /// The market it belongs to.
    pub market: Address,
    /// Base units of fees in the market's vault that are not swept yet.
    pub fees_accrued: u64,
    /// Base units in the market's vault that settled jobs still owe to nodes and payers.
    pub credits_owed: u64,
    /// Jobs listed in this market so far.
    pub jobs_listed: u64,
    /// Jobs of this market whose money is not all assigned yet.
    pub open_jobs: u64,
    /// See [`Fifo::first`].
    pub first: u32,
    /// See [`Fifo::last`].
    pub last: u32,
    /// See [`Fifo::vacated`].
    pub vacated: u32,
    /// See [`Fifo::touched`].
    pub touched: u32,
    /// See [`Fifo::live`].
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
    pub reserved: [u8; 48],
}

const _: () = assert!(core::mem::size_of::<QueueHeader>() == 136);

/// One cell: a job or a node, its price, and its neighbors. The address is zero where nothing
/// waits.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub struct QueueCell {
    /// The job's or the node's account.
    pub address: Address,
    /// What the job pays, or the least that the node accepts, in base units a second;
    /// little-endian.
    pub price_per_second: [u8; 8],
    /// See [`Cell::previous`]; little-endian.
    pub previous: [u8; 4],
    /// See [`Cell::next`]; little-endian.
    pub next: [u8; 4],
}

const _: () =
    assert!(core::mem::size_of::<QueueCell>() == 48 && core::mem::align_of::<QueueCell>() == 1);

impl QueueCell {
    /// A cell for `address`.
    pub const fn new(address: Address, price_per_second: u64) -> Self {
        Self {
            address,
            price_per_second: price_per_second.to_le_bytes(),
            previous: [0; 4],
            next: [0; 4],
        }
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
        Self::zeroed()
    }

    fn previous(&self) -> Link {
        u32::from_le_bytes(self.previous)
    }

    fn next(&self) -> Link {
        u32::from_le_bytes(self.next)
    }

    fn set_previous(&mut self, link: Link) {
        self.previous = link.to_le_bytes();
    }

    fn set_next(&mut self, link: Link) {
        self.next = link.to_le_bytes();
    }
}

impl QueueHeader {
    /// The line as the protocol sees it.
    pub fn fifo(&self) -> Result<Fifo> {
        Ok(Fifo {
            side: Side::from_byte(self.side).ok_or(JobsError::InvariantViolated)?,
            first: self.first,
            last: self.last,
            vacated: self.vacated,
            touched: self.touched,
            live: self.live,
        })
    }

    /// Stores what the protocol decided, if it holds together.
    pub fn store(&mut self, fifo: &Fifo, capacity: usize) -> Result<()> {
        fifo.invariant(capacity).map_err(errors::fifo)?;
        self.side = fifo.side as u8;
        self.first = fifo.first;
        self.last = fifo.last;
        self.vacated = fifo.vacated;
        self.touched = fifo.touched;
        self.live = fifo.live;
        Ok(())
    }
}

/// Lets `change` move entries of the queue, and stores where they stand afterwards.
pub fn with_fifo<T>(
    queue: &mut Queue,
    change: impl FnOnce(&mut Fifo, &mut [QueueCell]) -> Result<T>,
) -> Result<T> {
    let mut fifo = queue.fifo()?;
    let result = change(&mut fifo, queue.as_mut_slice())?;
    let capacity = queue.len();
    queue.store(&fifo, capacity)?;
    Ok(result)
}
