use anchor_lang::prelude::*;
use nosana_protocol::ring;

use crate::{
    constants::MAX_GROWTH_CELLS,
    errors::JobsError,
    state::{Market, Queue, QueueCell},
};

/// # Specification
/// - Anyone may add up to 250 cells and pays their rent, which stays with the queue.
/// - No entry is lost or changes its place in the order, also while the ring wraps around the end of its cells.
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

pub fn handler(ctx: &mut Context<GrowQueue>, cells: u32) -> Result<()> {
    require!((1..=MAX_GROWTH_CELLS).contains(&cells), JobsError::TermsOutOfRange);
    let accounts = &mut ctx.accounts;
    let queue = &mut accounts.queue;
    let before = u32::try_from(queue.len()).map_err(|_| JobsError::Overflow)?;
    let after = before.checked_add(cells).ok_or(JobsError::Overflow)?;
    queue.resize_to_capacity(after)?;
    for _ in 0..cells {
        queue.try_push(QueueCell::new(Address::default(), 0))?;
    }
    let mut rules = queue.ring()?;
    if let Some((from, count)) = ring::wrapped_tail(&rules, before) {
        let to = after.checked_sub(count).ok_or(JobsError::InvariantViolated)?;
        move_cells(queue.as_mut_slice(), from, count, to)?;
        rules.head = to;
    }
    let capacity = queue.len();
    queue.store(&rules, capacity)?;
    queue.top_up(accounts.payer.account())?;
    Ok(())
}

/// Moves `count` cells from `from` up to `to`, last first since the ranges may overlap, and vacates what they leave.
fn move_cells(cells: &mut [QueueCell], from: u32, count: u32, to: u32) -> Result<()> {
    for offset in (0..count).rev() {
        let source = cell(cells, from, offset)?;
        let entry = core::mem::replace(source, QueueCell::new(Address::default(), 0));
        *cell(cells, to, offset)? = entry;
    }
    Ok(())
}

fn cell(cells: &mut [QueueCell], base: u32, offset: u32) -> Result<&mut QueueCell> {
    let index = base.checked_add(offset).and_then(|index| usize::try_from(index).ok());
    Ok(index.and_then(|index| cells.get_mut(index)).ok_or(JobsError::InvariantViolated)?)
}
