use anchor_lang::prelude::*;

use super::list::{List, ListArgs};

/// # Specification
/// - All checks of [`List`], with the same accounts.
/// - `node` waits in the cell `node_cell` of the market's queue, and its lowest price is at most
///   the market's price. It is removed from the queue, whatever its place, and the job is `Matched`
///   with it.
/// - The node consents by `start`. If it does not start the job, the job is requeued like any
///   other.
pub fn process_assign(
    ctx: &mut Context<List>,
    args: &ListArgs,
    node: Address,
    node_cell: u32,
) -> Result<()> {
    ctx.accounts.list_job(args, Some((node, node_cell)))
}
