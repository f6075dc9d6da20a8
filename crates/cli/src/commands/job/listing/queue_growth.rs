//! Room in a market's queue: a market accepts as many open jobs as its queue has cells, and anyone
//! may add cells.

use anyhow::Result;
use nosana_client::actions;
use solana_address::Address;
use solana_instruction::Instruction;

use crate::commands::{context::CliContext, values::format_sol};

/// The cells to add when a queue is full: what one listing needs. Their rent goes to the market's
/// authority when the market is closed, which could fill its own queue to sell more of them.
const GROWTH_CELLS: u32 = 1;
/// The size of a cell, in bytes.
const CELL_BYTES: usize = 48;
/// The bytes that the payer's rent adds.
pub const GROWTH_BYTES: usize = GROWTH_CELLS as usize * CELL_BYTES;

/// Returns the instruction that makes room in the queue, if it has none, and prints what the payer
/// pays for it. The rent stays with the queue.
pub async fn find_queue_growth(ctx: &CliContext, market: &Address) -> Result<Option<Instruction>> {
    let queue = ctx.session.fetch_queue(market).await?;
    if !queue.is_full() {
        return Ok(None);
    }

    // Of an account without data, a part of the rent is for the account itself.
    let session = &ctx.session;
    let rent = session.fetch_rent(GROWTH_BYTES).await? - session.fetch_rent(0).await?;
    eprintln!(
        "the market's queue is full; the listing adds a cell for {} of rent, which stays with the \
         market",
        format_sol(rent)
    );
    Ok(Some(actions::grow_queue(ctx.payer_address(), *market, GROWTH_CELLS).into()))
}
