use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids, stake::Stake, unix_now};
use nosana_protocol::{queue::Side, slot::SlotState};

use crate::{
    access::check_access,
    cpi_calls,
    errors::{self, JobsError},
    events::{NO_CELL, WorkOffered},
    state::{Config, Market, Node, Queue, QueueCell, with_fifo},
};

/// # Specification
/// - Not while entry is paused, not in a retired market, and not while the node drains.
/// - Only the node's authority; the node has a free slot and satisfies the market's terms: xNOS,
///   GPU memory, benchmark, reputation, access collection, and how many slots it may use in the
///   market.
/// - The market pays at least `min_price_per_second`, and so does the job that the node takes.
/// - The slot holds the market's collateral, at most `max_collateral`. What the node has kept of
///   earlier slots counts first; only the rest is locked in its stake.
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
    /// A token account of the node's authority, if the market has an access collection.
    /// CHECK: checked by `check_access`.
    pub access_token: Option<UncheckedAccount>,
    /// The metadata of that token, if the market has an access collection.
    /// CHECK: checked by `check_access`.
    pub access_metadata: Option<UncheckedAccount>,
}

pub fn process_work(
    ctx: &mut Context<Work>,
    min_price_per_second: u64,
    max_collateral: u64,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let now = unix_now()?;
    accounts.check_entry(min_price_per_second, max_collateral, now)?;

    let market = &accounts.market;
    let node = &mut accounts.node;
    let node_address = *node.address();
    let missing = node.use_collateral(market.terms.collateral_per_job, &accounts.stake)?;
    let slot = node.take_slot(market, now)?;

    let mut cell = NO_CELL;
    let taken = with_fifo(&mut accounts.queue, |fifo, cells| {
        let job = fifo.pop_front(cells, Side::Jobs).map_err(errors::fifo_error)?;
        if job.is_none() {
            let entry = QueueCell::new(node_address, min_price_per_second);
            cell = fifo.push_back(cells, Side::Nodes, entry).map_err(errors::fifo_error)?.into();
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
    cpi_calls::change_lock(
        cpi_calls::LOCK,
        accounts.jobs_authority.cpi_handle(),
        accounts.stake.cpi_handle_mut(),
        missing,
    );

    log_event(event);
    Ok(())
}

impl Work {
    /// Fails unless the node may work in the market, at this price and for this collateral.
    fn check_entry(&self, min_price_per_second: u64, max_collateral: u64, now: i64) -> Result<()> {
        let market = &self.market;
        let terms = &market.terms;
        let node = &self.node;
        self.config.check_open()?;
        require!(market.retired == 0, JobsError::MarketRetired);
        require!(terms.price_per_second >= min_price_per_second, JobsError::PriceBelowMinimum);
        require!(terms.collateral_per_job <= max_collateral, JobsError::CollateralAboveMaximum);

        node.check_gates(&terms.node_gates(), self.stake.backing_xnos(), now)?;
        check_access(
            &terms.access_collection,
            &node.authority,
            &self.access_token,
            &self.access_metadata,
        )
    }
}
