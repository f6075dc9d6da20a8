use anchor_lang::prelude::*;
use nosana_onchain::now;
use nosana_onchain::stake::Stake;
use nosana_protocol::job::{Action, State};

use crate::{
    errors::JobsError,
    events::JobStarted,
    state::{Job, Market, Node, SlotState},
};

/// # Specification
/// - Only the node's authority. Either the node took the job from the queue (`Offered`), or the job met the waiting node
///   as it was listed (`Matched`).
/// - The stake still has the xNOS that the market asks for.
/// - The pay clock begins. Until now no second was paid, and from now on the node's name and account are in the job.
#[derive(Accounts)]
pub struct Start {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub node: Account<Node>,
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(address = node.stake @ JobsError::WrongAccount)]
    pub stake: Account<Stake>,
}

pub fn handler(ctx: &mut Context<Start>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    let (node, job) = (&mut accounts.node, &mut accounts.job);
    require!(accounts.stake.xnos >= accounts.market.min_xnos, JobsError::StakeTooSmall);
    let (job_address, node_address) = (*job.address(), *node.address());
    let slot = if job.state()? == State::Matched {
        require!(job.node == node_address, JobsError::NotThisNode);
        node.waiting_in(&job.market)?
    } else {
        node.holding(&job_address, SlotState::Offered)?
    };
    slot.job = job_address;
    slot.since = now;
    slot.state = SlotState::Running as u8;
    job.advance(Action::Start)?;
    job.node = node_address;
    job.node_token = node.payout;
    job.node_stake = node.stake;
    job.started_at = now;
    job.heartbeat_at = now;
    job.invariant()?;
    emit!(JobStarted { job: job_address, node: node_address, started_at: now, deadline: job.deadline()? });
    Ok(())
}
