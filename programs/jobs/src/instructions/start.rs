use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, stake::Stake, unix_now};
use nosana_protocol::{
    ending,
    job::{Action, State},
    slot::SlotState,
    units::UnixTimestamp,
};

use crate::{
    access::check_access,
    errors::{self, JobsError},
    events::JobStarted,
    state::{Job, Node},
};

/// # Specification
/// - Only the node's authority. Either the node took the job from the queue (`Claimed`), or the job
///   was matched with the waiting node (`Matched`).
/// - Not once the start clock of the match has run out: from then on the node has failed.
/// - The job has the `definition` that the node has read, and at least `min_timeout_seconds`: a
///   client can close a job and list another one at its address.
/// - The slot has the collateral that a verified job requires.
/// - The stake still has the job's `min_xnos`, with delegations in their cooldown, and the node
///   still holds a token of the access collection. A job that requires no xNOS can be started by a
///   node that has unstaked since `work`: its run needs no backing either.
/// - The xNOS that the owner's own stake must keep until the end is stored: delegators cannot end a
///   run by leaving.
/// - The pay clock begins: no time before it is paid. From now on the job names the node and its
///   token account, and no longer what the node before it said when it quit.
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
    /// A token account of the node's authority, if the job has an access collection.
    /// CHECK: checked by `check_access`.
    pub access_token: Option<UncheckedAccount>,
    /// The metadata of that token, if the job has an access collection.
    /// CHECK: checked by `check_access`.
    pub access_metadata: Option<UncheckedAccount>,
}

pub fn process_start(
    ctx: &mut Context<Start>,
    definition: [u8; 32],
    min_timeout_seconds: u64,
) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let job_address = *accounts.job.address();
    let node_address = *accounts.node.address();
    // One borrow for all fields: each one through the account costs its checks again.
    let job: &mut Job = &mut accounts.job;
    let node: &mut Node = &mut accounts.node;
    require!(
        job.definition == definition && job.timeout_seconds >= min_timeout_seconds,
        JobsError::NotAsRead
    );
    let held_xnos = accounts.stake.held_xnos().map_err(errors::overflow_error)?;
    require!(held_xnos >= job.min_xnos, JobsError::StakeTooSmall);
    check_access(
        &job.access_collection,
        &node.authority,
        &accounts.access_token,
        &accounts.access_metadata,
    )?;
    let is_matched = job.current_state()? == State::Matched;
    require!(!is_matched || job.node == node_address, JobsError::NotThisNode);

    let payout = node.payout;
    let slot = node.unstarted_slot(job, &job_address)?;
    let matched_at = job.held_since(slot);
    let has_expired = job
        .clocks()
        .match_expired(UnixTimestamp(matched_at), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    require!(!has_expired, JobsError::DeadlinePassed);
    require!(slot.collateral >= job.min_collateral, JobsError::CollateralTooSmall);

    slot.job = job_address;
    slot.since = now;
    slot.state = SlotState::Running as u8;

    job.apply_action(Action::Start)?;
    job.node = node_address;
    job.node_token = payout;
    job.checkpoint = [0; 32];
    job.promised_seconds = job.timeout_seconds;
    job.min_own_xnos = ending::min_own_xnos(job.min_xnos);
    job.started_at = now;
    job.heartbeat_at = now;

    log_event(JobStarted {
        job: job_address,
        node: node_address,
        started_at: now,
        deadline: job.deadline()?,
    });
    Ok(())
}
