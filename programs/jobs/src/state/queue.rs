use anchor_lang::{accounts::Slab, prelude::*};
use bytemuck::{Pod, Zeroable};
use nosana_protocol::queue::{Cell, Fifo, Link, Side};

use crate::errors::{self, JobsError};

/// A queue with its cells: the header, a length, and cells of 48 bytes.
pub type Queue = Slab<QueueHeader, QueueCell>;

/// The waiting jobs or nodes of one market, and what its vault owes. Seeds: `["queue", market]`.
/// The cells follow the header.
///
/// A link to a cell is its index plus one; zero means that there is none.
#[account]
pub struct QueueHeader {
    /// The market of the queue.
    pub market: Address,
    /// Base units of fees in the market's vault that are not swept yet.
    pub fees_accrued: u64,
    /// Base units in the market's vault that settled jobs owe to nodes and payers.
    pub credits_owed: u64,
    /// Jobs listed in this market so far.
    pub jobs_listed: u64,
    /// Jobs of this market that are not settled yet.
    pub open_jobs: u64,
    /// Link to the entry that leaves first.
    pub first: u32,
    /// Link to the entry that came last.
    pub last: u32,
    /// Link to the first of the vacant cells that were in use before.
    pub vacated: u32,
    /// Number of cells that were ever in use. All cells after them are vacant.
    pub touched: u32,
    /// Number of waiting entries.
    pub live: u32,
    /// What waits: 0 nothing, 1 jobs, 2 nodes.
    pub side: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 1],
    /// Resolved disputes whose accounts are not closed yet.
    pub open_disputes: u64,
    /// For later fields.
    pub reserved: [u8; 40],
}

const _: () = assert!(core::mem::size_of::<QueueHeader>() == 136);

/// A cell of a queue: a job or a node, its price, and links to its neighbors.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub struct QueueCell {
    /// Account of the job or the node; zero if the cell is vacant.
    pub address: Address,
    /// Price of the job, or lowest price that the node accepts, in base units per second;
    /// little-endian.
    pub price_per_second: [u8; 8],
    /// Link to the cell before this one; little-endian.
    pub previous: [u8; 4],
    /// Link to the cell after this one; of a vacant cell, to the next vacant one; little-endian.
    pub next: [u8; 4],
}

const _: () =
    assert!(core::mem::size_of::<QueueCell>() == 48 && core::mem::align_of::<QueueCell>() == 1);

impl QueueCell {
    /// Creates a cell for `address`, without links.
    pub const fn new(address: Address, price_per_second: u64) -> Self {
        Self {
            address,
            price_per_second: price_per_second.to_le_bytes(),
            previous: [0; 4],
            next: [0; 4],
        }
    }

    /// Returns the price, in base units per second.
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

    fn previous_link(&self) -> Link {
        u32::from_le_bytes(self.previous)
    }

    fn next_link(&self) -> Link {
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
    /// Reads the list that the header describes.
    pub fn load_fifo(&self) -> Result<Fifo> {
        Ok(Fifo {
            side: Side::from_byte(self.side).ok_or(JobsError::InvariantViolated)?,
            first: self.first,
            last: self.last,
            vacated: self.vacated,
            touched: self.touched,
            live: self.live,
        })
    }

    /// Stores `fifo` in the header. Fails if it violates its invariant for `capacity` cells.
    pub fn store_fifo(&mut self, fifo: &Fifo, capacity: usize) -> Result<()> {
        fifo.invariant(capacity).map_err(errors::fifo_error)?;

        self.side = fifo.side as u8;
        self.first = fifo.first;
        self.last = fifo.last;
        self.vacated = fifo.vacated;
        self.touched = fifo.touched;
        self.live = fifo.live;
        Ok(())
    }
}

/// Calls `change` with the list and the cells of `queue`, and stores the changed list.
pub fn with_fifo<T>(
    queue: &mut Queue,
    change: impl FnOnce(&mut Fifo, &mut [QueueCell]) -> Result<T>,
) -> Result<T> {
    let mut fifo = queue.load_fifo()?;
    let cells = queue.as_mut_slice();
    let capacity = cells.len();
    let result = change(&mut fifo, cells)?;

    queue.store_fifo(&fifo, capacity)?;
    Ok(result)
}
