use anchor_lang::prelude::*;
use nosana_program_common::now;
use nosana_program_common::stake::Stake;
use nosana_protocol::slot::SlotState;
use nosana_protocol::{
    ending,
    job::{Action, State},
};

use crate::{
    access,
    errors::{self, JobsError},
    events::JobStarted,
    state::{Job, Node},
};

/// # Specification
/// - Only the node's authority. Either the node took the job from the queue (`Claimed`), or the job
///   met the waiting node as it was listed (`Matched`).
/// - The job has the `definition` that the node has read, and at least `min_timeout_seconds`: a
///   client can close a job and list another one at its address.
/// - The stake still has the xNOS that the job asks for, with delegations in their cooldown, and
///   the node still holds a token of the access collection.
/// - What the owner's own stake has to keep until the end is noted: delegators cannot end a run by
///   leaving.
/// - The pay clock begins. Until now no second was paid, and from now on the node's name and
///   account are in the job.
#[derive(Accounts)]
pub struct Start {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub node: Account<Node>,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(address = node.stake @ JobsError::WrongAccount)]
    pub stake: Account<Stake>,
    /// CHECK: read by [`access::check`], if the job asks for access.
    pub access_token: Option<UncheckedAccount>,
    /// CHECK: the same.
    pub access_metadata: Option<UncheckedAccount>,
}

pub fn handler(
    ctx: &mut Context<Start>,
    definition: [u8; 32],
    min_timeout_seconds: u64,
) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    let (node, job) = (&mut accounts.node, &mut accounts.job);
    require!(
        job.definition == definition && job.timeout_seconds >= min_timeout_seconds,
        JobsError::NotAsRead
    );
    let held = accounts.stake.held_xnos().map_err(errors::overflow)?;
    require!(held >= job.min_xnos, JobsError::StakeTooSmall);
    access::check(
        &job.access_collection,
        &node.authority,
        &accounts.access_token,
        &accounts.access_metadata,
    )?;
    let (job_address, node_address) = (*job.address(), *node.address());
    if job.state()? == State::Matched {
        require!(job.node == node_address, JobsError::NotThisNode);
    }
    let slot = node.holding_unstarted(job)?;
    slot.job = job_address;
    slot.since = now;
    slot.state = SlotState::Running as u8;
    job.advance(Action::Start)?;
    job.node = node_address;
    job.node_token = node.payout;
    job.promised_seconds = job.timeout_seconds;
    job.min_own_xnos = ending::min_own_xnos(accounts.stake.xnos, job.min_xnos);
    job.started_at = now;
    job.heartbeat_at = now;
    job.invariant()?;
    emit!(JobStarted {
        job: job_address,
        node: node_address,
        started_at: now,
        deadline: job.deadline()?
    });
    Ok(())
}
