//! Room in a market's queue: a market accepts as many open jobs as its queue has cells, and anyone
//! may add cells.

use anyhow::Result;
use nosana_client::{jobs::instructions::GrowQueue, pda, queue::Queue};
use solana_address::Address;
use solana_instruction::Instruction;

use crate::commands::context::CliContext;

/// The cells to add when a queue is full.
const GROWTH_CELLS: u32 = 20;
/// The size of a cell, in bytes.
const CELL_BYTES: usize = 48;
/// The bytes that the payer's rent adds.
pub const GROWTH_BYTES: usize = GROWTH_CELLS as usize * CELL_BYTES;

/// Whether the market accepts no further job until its queue grows.
pub fn is_queue_full(queue: &Queue) -> bool {
    queue.header.open_jobs >= u64::from(queue.capacity)
}

/// Returns the instruction that makes room in the queue, if it has none. The payer's rent stays
/// with the queue.
pub async fn find_queue_growth(ctx: &CliContext, market: &Address) -> Result<Option<Instruction>> {
    let queue = ctx.session.fetch_queue(market).await?;
    if !is_queue_full(&queue) {
        return Ok(None);
    }

    eprintln!(
        "the market's queue is full; this transaction adds {GROWTH_CELLS} cells and pays their rent"
    );
    let grow = GrowQueue {
        payer: ctx.payer_address(),
        market: *market,
        queue: pda::jobs::queue(market),
        cells: GROWTH_CELLS,
    };
    Ok(Some(grow.into()))
}
