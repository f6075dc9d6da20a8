use anchor_lang::prelude::*;
use nosana_onchain::stake::Stake;
use nosana_onchain::{ids, now};
use nosana_protocol::ring::Side;

use crate::{
    errors::{self, JobsError},
    events::WorkOffered,
    external,
    flow::NO_CELL,
    state::{Config, Market, Node, Queue, QueueCell, SlotState},
};

/// # Specification
/// - Only the node's authority; the node has a free slot, the GPU memory and the xNOS that the market asks for.
/// - The market pays at least `min_price_per_second`, and so does the job that is met.
/// - The market's collateral is locked in the node's stake.
/// - If jobs wait, the first one is taken into the slot, which then waits for `start`. Else the node is appended.
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
    /// CHECK: this program's signer; the runtime refuses its signature for any other address.
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program checks it.
    pub staking_config: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
}

pub fn handler(ctx: &mut Context<Work>, min_price_per_second: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let (market, node, queue) = (&accounts.market, &mut accounts.node, &mut accounts.queue);
    require!(market.price_per_second >= min_price_per_second, JobsError::PriceBelowMinimum);
    require!(accounts.stake.xnos >= market.min_xnos, JobsError::StakeTooSmall);
    require!(node.vram_mib >= market.min_vram_mib, JobsError::NotEnoughVram);

    let node_address = *node.address();
    let mut ring = queue.ring()?;
    let capacity = queue.len();
    let slot = node.free_slot()?;
    slot.market = *market.address();
    slot.since = now()?;
    slot.collateral = market.collateral_per_job;
    let mut cell = NO_CELL;
    if let Some(job) = ring.pop_front(queue.as_mut_slice(), Side::Jobs).map_err(errors::ring)? {
        require!(job.price() >= min_price_per_second, JobsError::PriceBelowMinimum);
        slot.job = job.address;
        slot.state = SlotState::Offered as u8;
    } else {
        let entry = QueueCell::new(node_address, min_price_per_second);
        cell = ring.push_back(queue.as_mut_slice(), Side::Nodes, entry).map_err(errors::ring)?.into();
        slot.state = SlotState::Waiting as u8;
    }
    let event = WorkOffered { node: node_address, market: slot.market, job: slot.job, min_price_per_second, cell };
    queue.store(&ring, capacity)?;

    external::change_lock(
        external::LOCK,
        accounts.jobs_authority.cpi_handle(),
        accounts.staking_config.cpi_handle(),
        accounts.stake.cpi_handle_mut(),
        accounts.market.collateral_per_job,
        accounts.config.authority_bump,
    );
    emit!(event);
    Ok(())
}
