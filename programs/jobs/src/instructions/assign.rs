use anchor_lang::prelude::*;

use super::list::{List, Order};

/// # Specification
/// - Everything that [`List`] asks for, with the same accounts.
/// - `node` waits in the cell `node_cell` of the market's queue, and asks for no more than the
///   market pays. It is taken from there, out of turn, and the job is `Matched` with it.
/// - The node consents by `start`. If it does not, the job is queued like any other.
pub fn handler(
    ctx: &mut Context<List>,
    order: &Order,
    node: Address,
    node_cell: u32,
) -> Result<()> {
    let bump = ctx.bumps.job;
    ctx.accounts.place(order, bump, Some((node, node_cell)))
}
