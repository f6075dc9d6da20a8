use anchor_lang::prelude::*;
use nosana_program_common::{
    ids, now,
    stake::{self, Stake},
};
use nosana_protocol::queue::Side;

use crate::{
    errors::{self, JobsError},
    events::NodeLeft,
    external,
    state::{Market, Node, Queue, with_fifo},
};

/// # Specification
/// - Anyone, for a node that waits in the queue, which `cell` proves, and should not: it asks for
///   more than the market pays by now, it drains, it does not meet what the market asks for by now,
///   it joined before the market came to ask for a token of an access collection, or the market is
///   retired.
/// - Its slot is free and its collateral released.
#[derive(Accounts)]
pub struct EvictNode {
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

pub fn handler(ctx: &mut Context<EvictNode>, cell: u32) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let (market, node, queue) = (&accounts.market, &mut accounts.node, &mut accounts.queue);
    let address = *node.address();
    let entry = with_fifo(queue, |fifo, cells| {
        fifo.remove(cells, Side::Nodes, cell, |entry| entry.address == address)
            .map_err(errors::fifo)
    })?;
    let too_dear = entry.price() > market.terms.price_per_second;
    let xnos = stake::read(accounts.stake.account(), Stake::backing_xnos).unwrap_or(0);
    let unfit = node.check_gates(&market.terms, xnos, now()?).is_err();
    let slot = node.waiting_in(market.address())?;
    // Its pass is not among the accounts: it was seen under these terms, or is to be shown again.
    let unseen =
        market.terms.access_collection != Address::default() && slot.taken_at <= market.terms_since;
    require!(too_dear || unfit || unseen || market.retired != 0, JobsError::NotEvictable);
    let collateral = slot.free();

    external::change_lock(
        external::RELEASE,
        accounts.jobs_authority.cpi_handle(),
        accounts.stake.cpi_handle_mut(),
        collateral,
    );
    emit!(NodeLeft { node: address, market: *accounts.market.address() });
    Ok(())
}
