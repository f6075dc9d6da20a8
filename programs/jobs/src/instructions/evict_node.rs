use anchor_lang::prelude::*;
use nosana_program_common::{
    event::log_event,
    stake::{self, Stake},
    unix_now,
};
use nosana_protocol::queue::Side;

use crate::{
    errors::{self, JobsError},
    events::NodeLeft,
    state::{Market, Node, Queue, with_fifo},
};

/// # Specification
/// - Anyone, for a node that waits in the queue, which `cell` proves, and for which one of these
///   holds: its lowest price is above the market's current price; it drains; it does not satisfy
///   the market's current terms, or its stake weighs nothing; it has waited since before the market
///   required the current access collection; the market is retired.
/// - Its slot is free, and the node keeps its collateral for the next one.
#[derive(Accounts)]
pub struct EvictNode {
    #[account(mut)]
    pub node: Account<Node>,
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    /// CHECK: the stake that the node names; `read_stake` checks it where it decides.
    #[account(address = node.stake @ JobsError::WrongAccount)]
    pub stake: UncheckedAccount,
}

pub fn process_evict_node(ctx: &mut Context<EvictNode>, cell: u32) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let market = &accounts.market;
    let node = &mut accounts.node;
    let address = *node.address();
    let entry = with_fifo(&mut accounts.queue, |fifo, cells| {
        fifo.remove_at(cells, Side::Nodes, cell, |entry| entry.address == address)
            .map_err(errors::fifo_error)
    })?;

    let terms = &market.terms;
    let slot = node.newest_waiting_slot(market.address())?;
    // The access token is not among the accounts. It was checked if the node took its slot since the
    // market requires this collection; else the node has to show it again with `work`.
    let is_unchecked =
        terms.access_collection != Address::default() && slot.taken_at <= market.collection_since;
    let is_too_expensive = entry.price() > terms.price_per_second;

    // The stake is read only where it decides, so that one that cannot be read keeps no market open.
    if !is_unchecked && !is_too_expensive && market.retired == 0 {
        let xnos = stake::read_stake(accounts.stake.account(), Stake::backing_xnos)
            .map_err(errors::unreadable_stake_error)?
            .unwrap_or(0);
        let is_unfit = node.check_gates(&terms.node_gates(), xnos, unix_now()?).is_err();
        require!(is_unfit, JobsError::NotEvictable);
    }

    let collateral = node.newest_waiting_slot(market.address())?.set_free();
    node.keep_collateral(collateral)?;

    log_event(NodeLeft { node: address, market: *accounts.market.address() });
    Ok(())
}
