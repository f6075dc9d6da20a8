use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;
use nosana_protocol::queue::Side;

use crate::{
    errors::{self, JobsError},
    events::NodeLeft,
    state::{Market, Node, Queue, with_fifo},
};

/// # Specification
/// - Only the node's authority; only while the node waits in the queue, which `cell` proves. A node
///   that was matched with a job is no longer in the queue: it starts that job or quits it.
/// - Its slot is free, and the node keeps its collateral for the next one.
#[derive(Accounts)]
pub struct Leave {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub node: Account<Node>,
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
}

pub fn process_leave(ctx: &mut Context<Leave>, cell: u32) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let node = &mut accounts.node;
    let address = *node.address();
    with_fifo(&mut accounts.queue, |fifo, cells| {
        fifo.remove_at(cells, Side::Nodes, cell, |entry| entry.address == address)
            .map_err(errors::fifo_error)
    })?;

    let collateral = node.newest_waiting_slot(accounts.market.address())?.set_free();
    node.keep_collateral(collateral)?;

    log_event(NodeLeft { node: address, market: *accounts.market.address() });
    Ok(())
}
