use anchor_lang::prelude::*;
use bytemuck::Zeroable;

use crate::{
    constants::MAX_GROWTH_CELLS,
    errors::JobsError,
    state::{Market, Queue, QueueCell},
};

/// # Specification
/// - Anyone may add 1 to 200 cells. The caller pays their rent, which stays with the queue.
/// - The new cells lie behind all others, which no entry has used: no entry moves.
#[derive(Accounts)]
pub struct GrowQueue {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer,
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    pub system_program: Program<System>,
}

pub fn process_grow_queue(ctx: &mut Context<GrowQueue>, cells: u32) -> Result<()> {
    require!((1..=MAX_GROWTH_CELLS).contains(&cells), JobsError::TermsOutOfRange);

    let accounts = &mut ctx.accounts;
    let queue = &mut accounts.queue;
    let before = u32::try_from(queue.len()).map_err(|_| JobsError::Overflow)?;
    let after = before.checked_add(cells).ok_or(JobsError::Overflow)?;
    queue.resize_to_capacity(after)?;
    for _ in 0..cells {
        queue.try_push(QueueCell::zeroed())?;
    }

    queue.top_up(accounts.payer.account())?;
    Ok(())
}
