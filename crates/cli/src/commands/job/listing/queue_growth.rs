//! Room in a market's queue: a market accepts as many open jobs as its queue has cells, and anyone
//! may add cells.

use anyhow::Result;
use nosana_client::actions;
use solana_address::Address;
use solana_instruction::Instruction;

use crate::commands::context::CliContext;

/// The cells to add when a queue is full.
const GROWTH_CELLS: u32 = 20;
/// The size of a cell, in bytes.
const CELL_BYTES: usize = 48;
/// The bytes that the payer's rent adds.
pub const GROWTH_BYTES: usize = GROWTH_CELLS as usize * CELL_BYTES;

/// Returns the instruction that makes room in the queue, if it has none. The payer's rent stays
/// with the queue.
pub async fn find_queue_growth(ctx: &CliContext, market: &Address) -> Result<Option<Instruction>> {
    let queue = ctx.session.fetch_queue(market).await?;
    if !queue.is_full() {
        return Ok(None);
    }

    eprintln!(
        "the market's queue is full; this transaction adds {GROWTH_CELLS} cells and pays their rent"
    );
    Ok(Some(actions::grow_queue(ctx.payer_address(), *market, GROWTH_CELLS).into()))
}
