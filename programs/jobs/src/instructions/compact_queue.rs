use anchor_lang::prelude::*;

use crate::{
    errors::{self, JobsError},
    state::{Market, Queue},
};

/// # Specification
/// - Anyone may drop up to `limit` tombstones from the head of a queue. Entries keep their order.
#[derive(Accounts)]
pub struct CompactQueue {
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
}

pub fn handler(ctx: &mut Context<CompactQueue>, limit: u32) -> Result<()> {
    let queue = &mut ctx.accounts.queue;
    let mut ring = queue.ring()?;
    ring.trim_front(queue.as_slice(), limit).map_err(errors::ring)?;
    let capacity = queue.len();
    queue.store(&ring, capacity)
}
