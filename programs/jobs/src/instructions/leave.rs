use anchor_lang::prelude::*;
use nosana_program_common::ids;
use nosana_protocol::queue::Side;

use crate::{
    errors::{self, JobsError},
    events::NodeLeft,
    external,
    state::{Market, Node, Queue, with_fifo},
};

/// # Specification
/// - Only the node's authority; only while the node waits in the queue, which `cell` proves. A node
///   that a job has met is not there any more: then it starts that job or quits it.
/// - Its collateral is released.
#[derive(Accounts)]
pub struct Leave {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub node: Account<Node>,
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    /// CHECK: the stake that the node names; the staking program checks its content.
    #[account(mut, address = node.stake @ JobsError::WrongAccount)]
    pub stake: UncheckedAccount,
    /// CHECK: this program's signer.
    #[account(address = ids::JOBS_AUTHORITY)]
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
}

pub fn handler(ctx: &mut Context<Leave>, cell: u32) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let (market, node, queue) = (&accounts.market, &mut accounts.node, &mut accounts.queue);
    let address = *node.address();
    with_fifo(queue, |fifo, cells| {
        fifo.remove(cells, Side::Nodes, cell, |entry| entry.address == address)
            .map_err(errors::fifo)
    })?;
    let collateral = node.waiting_in(market.address())?.free();

    external::change_lock(
        external::RELEASE,
        accounts.jobs_authority.cpi_handle(),
        accounts.stake.cpi_handle_mut(),
        collateral,
    );
    emit!(NodeLeft { node: address, market: *accounts.market.address() });
    Ok(())
}
