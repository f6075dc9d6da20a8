//! The blocks of the chain: in which of them a transaction lands.
//!
//! Transactions are considered in the order in which they are sent. Each lands in the first block
//! after it was sent that has room, in total and on the queue that it writes. Fees, forks and lost
//! transactions are left out.

use std::collections::VecDeque;

use crate::{
    costs::{BlockLimits, Costs},
    time::{Nanos, from_ms},
};

/// The accounts that a transaction writes, of those that jobs share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// The queue of its market.
    Queue,
    /// Only accounts of the job, the node or the client.
    Own,
}

/// What one block contains.
#[derive(Clone, Debug)]
struct Block {
    /// Units of all transactions.
    units: u64,
    /// Units on the queue of each market.
    on_queues: Vec<u64>,
}

/// The blocks from the current one on, and the totals of the measured time.
#[derive(Clone, Debug)]
pub struct Chain {
    limits: BlockLimits,
    slot: Nanos,
    markets: usize,
    /// The number of the first block in `blocks`.
    first: u64,
    blocks: VecDeque<Block>,
    /// The first block that may have room on each queue, and in total.
    open_queues: Vec<u64>,
    open: u64,
    /// The cheapest transaction, and the cheapest one that writes a queue.
    least_units: u64,
    least_on_queue: u64,
    /// Units of landed transactions in the measured time.
    pub measured: ChainTotals,
    measured_from: Nanos,
    measured_to: Nanos,
}

/// Units of transactions that landed in the measured time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainTotals {
    /// All of them.
    pub units: u64,
    /// Those on the queue of each market.
    pub on_queues: Vec<u64>,
    /// How many they are.
    pub transactions: u64,
}

impl Chain {
    /// Returns a chain with empty blocks, which measures between two times.
    pub fn new(limits: BlockLimits, costs: &Costs, markets: usize, from: Nanos, to: Nanos) -> Self {
        let least_on_queue = costs.list.min(costs.work).min(costs.finish).min(costs.settle);
        let least_own = costs.start.min(costs.heartbeat).min(costs.clean);

        Self {
            limits,
            slot: from_ms(limits.slot_ms).max(1),
            markets,
            first: 0,
            blocks: VecDeque::new(),
            open_queues: vec![0; markets],
            open: 0,
            least_units: least_own.min(least_on_queue),
            least_on_queue,
            measured: ChainTotals { on_queues: vec![0; markets], ..ChainTotals::default() },
            measured_from: from,
            measured_to: to,
        }
    }

    /// Sends a transaction. Returns when it lands, which is after `now`.
    pub fn send(&mut self, now: Nanos, market: usize, units: u64, writes: Writes) -> Nanos {
        let current = now / self.slot;
        self.forget_before(current);

        let mut number = (current + 1).max(self.open);
        if writes == Writes::Queue {
            number = number.max(self.open_queues[market]);
        }
        while !self.has_room(number, market, units, writes) {
            number += 1;
        }

        self.add_units(number, market, units, writes);
        number * self.slot
    }

    /// Drops blocks whose time is over.
    fn forget_before(&mut self, current: u64) {
        while self.first < current && self.blocks.pop_front().is_some() {
            self.first += 1;
        }
        if self.blocks.is_empty() {
            self.first = self.first.max(current);
        }
    }

    /// Returns true if a block can take these units. A transaction that exceeds the limits of an
    /// empty block lands in one: it would not exist on a chain.
    fn has_room(&self, number: u64, market: usize, units: u64, writes: Writes) -> bool {
        let Some(block) = self.blocks.get((number - self.first) as usize) else {
            return true;
        };
        let fits = |used: u64, limit: u64| used == 0 || used.saturating_add(units) <= limit;

        let fits_queue = match writes {
            Writes::Queue => fits(block.on_queues[market], self.limits.account_units),
            Writes::Own => true,
        };
        fits_queue && fits(block.units, self.limits.block_units)
    }

    fn add_units(&mut self, number: u64, market: usize, units: u64, writes: Writes) {
        let index = (number - self.first) as usize;
        while self.blocks.len() <= index {
            self.blocks.push_back(Block { units: 0, on_queues: vec![0; self.markets] });
        }

        let block = &mut self.blocks[index];
        block.units += units;
        if writes == Writes::Queue {
            block.on_queues[market] += units;
        }
        self.skip_full(market);

        self.measure_units(number * self.slot, market, units, writes);
    }

    /// Moves the first blocks with room past those that can take no transaction.
    fn skip_full(&mut self, market: usize) {
        let limits = self.limits;
        let first = self.first;
        let is_full = |used: u64, limit: u64, least: u64| limit.saturating_sub(used) < least;

        // The current block takes nothing any more.
        self.open = self.open.max(first + 1);
        while let Some(block) = self.blocks.get((self.open - first) as usize)
            && is_full(block.units, limits.block_units, self.least_units)
        {
            self.open += 1;
        }

        let mut open = self.open_queues[market].max(first + 1);
        while let Some(block) = self.blocks.get((open - first) as usize)
            && is_full(block.on_queues[market], limits.account_units, self.least_on_queue)
        {
            open += 1;
        }
        self.open_queues[market] = open;
    }

    fn measure_units(&mut self, landed: Nanos, market: usize, units: u64, writes: Writes) {
        if !(self.measured_from..self.measured_to).contains(&landed) {
            return;
        }
        self.measured.units += units;
        self.measured.transactions += 1;
        if writes == Writes::Queue {
            self.measured.on_queues[market] += units;
        }
    }
}
