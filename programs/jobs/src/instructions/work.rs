use anchor_lang::prelude::*;
use nosana_program_common::stake::Stake;
use nosana_program_common::{ids, now};
use nosana_protocol::queue::Side;
use nosana_protocol::slot::SlotState;

use crate::{
    access,
    errors::{self, JobsError},
    events::WorkOffered,
    external,
    flow::NO_CELL,
    state::{Config, Market, Node, Queue, QueueCell, with_fifo},
};

/// # Specification
/// - Not while entry is paused, not in a retired market, and not while the node drains.
/// - Only the node's authority; the node has a free slot and meets all that the market asks for:
///   xNOS, GPU memory, benchmark, reputation, access collection, and how many slots it may use
///   here.
/// - The market pays at least `min_price_per_second`, and so does the job that is met.
/// - The market's collateral, at most `max_collateral`, is locked in the node's stake.
/// - If jobs wait, the first one is taken into the slot, which then waits for `start`. Else the
///   node is appended.
#[derive(Accounts)]
pub struct Work {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub node: Account<Node>,
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    pub config: Account<Config>,
    #[account(mut, address = node.stake @ JobsError::WrongAccount)]
    pub stake: Account<Stake>,
    /// CHECK: this program's signer.
    #[account(address = ids::JOBS_AUTHORITY)]
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
    /// CHECK: read by [`access::check`], if the market asks for access.
    pub access_token: Option<UncheckedAccount>,
    /// CHECK: the same.
    pub access_metadata: Option<UncheckedAccount>,
}

pub fn handler(
    ctx: &mut Context<Work>,
    min_price_per_second: u64,
    max_collateral: u64,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = now()?;
    accounts.check(min_price_per_second, max_collateral, now)?;
    let (market, node, queue) = (&accounts.market, &mut accounts.node, &mut accounts.queue);
    let node_address = *node.address();
    let slot = node.take_slot(*market.address(), &market.terms, now)?;
    let mut cell = NO_CELL;
    let taken = with_fifo(queue, |fifo, cells| {
        let job = fifo.pop_front(cells, Side::Jobs).map_err(errors::fifo)?;
        if job.is_none() {
            let entry = QueueCell::new(node_address, min_price_per_second);
            cell = fifo.push_back(cells, Side::Nodes, entry).map_err(errors::fifo)?.into();
        }
        Ok(job)
    })?;
    slot.state = SlotState::Waiting as u8;
    if let Some(job) = taken {
        require!(job.price() >= min_price_per_second, JobsError::PriceBelowMinimum);
        slot.job = job.address;
        slot.state = SlotState::Claimed as u8;
    }
    let event = WorkOffered {
        node: node_address,
        market: slot.market,
        job: slot.job,
        min_price_per_second,
        cell,
    };

    external::change_lock(
        external::LOCK,
        accounts.jobs_authority.cpi_handle(),
        accounts.stake.cpi_handle_mut(),
        accounts.market.terms.collateral_per_job,
    );
    emit!(event);
    Ok(())
}

impl Work {
    /// Fails unless the node may work here, at this price and for this collateral.
    fn check(&self, min_price_per_second: u64, max_collateral: u64, now: i64) -> Result<()> {
        let (market, terms, node) = (&self.market, &self.market.terms, &self.node);
        self.config.check_open()?;
        require!(market.retired == 0, JobsError::MarketRetired);
        require!(terms.price_per_second >= min_price_per_second, JobsError::PriceBelowMinimum);
        require!(terms.collateral_per_job <= max_collateral, JobsError::CollateralAboveMaximum);
        node.check_gates(terms, self.stake.backing_xnos(), now)?;
        access::check(
            &terms.access_collection,
            &node.authority,
            &self.access_token,
            &self.access_metadata,
        )
    }
}
