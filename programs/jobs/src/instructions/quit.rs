use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
use nosana_protocol::{
    ending::{self, Caller, RunOutcome},
    job::{Return, ReturnCause, State},
    slot::SlotState,
    units::UnixTimestamp,
};

use super::EndRun;
use crate::{
    errors::{self, JobsError},
    requeue::requeue_job,
};

/// # Specification
/// - Only the node's authority: for a job that the node runs, that it took from the queue, or that
///   was matched with it while it waited.
/// - Not once the start clock of the match has run out, nor once the clocks of the run would settle
///   it: from then on the node has failed, and quitting does not undo that.
/// - `attempt_id` is the job's current attempt, and `cause` a cause that a node may name.
/// - `detail` takes the place of the job's checkpoint until the job is started or returns again:
///   the digest of the node's words about the cause, zero if there are none. The progress is zero.
/// - The node is not paid, and keeps its collateral for its next slot. Before the start, the slot
///   rests for as long as it held the job, at least five seconds and at most the start clock. The
///   five seconds double with each job that the slot took from the queue and gave back, but not
///   with one that was matched with it: the node did not choose that. After the start, the slot
///   rests for as long as holding the job without a heartbeat would have kept it in use.
/// - A job that was not started goes to the end of the queue, and a refusal is counted. One that was
///   started goes to the front, and an attempt is counted. If the job has no attempt left, was
///   refused too often, has waited too long, or finds no place, it is settled with a full refund.
/// - The job is not matched with this node again. Where the node waits, it keeps its places, unless
///   no other node waits: then the job waits, and the node no longer does.
pub fn process_quit(
    ctx: &mut Context<EndRun>,
    attempt_id: u64,
    cause: u8,
    detail: [u8; 32],
) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.node.authority, JobsError::NotNodeAuthority);
    accounts.job.check_attempt(attempt_id)?;
    let cause = ReturnCause::from_byte(cause).filter(|cause| cause.is_nodes_own());
    let cause = cause.ok_or(JobsError::UnknownCause)?;
    let job = &mut accounts.job;
    let node = &mut accounts.node;
    let state = job.current_state()?;
    let clocks = job.clocks();
    if state != State::Queued {
        require!(job.node == *node.address(), JobsError::NotThisNode);
    }

    let (collateral, how) = match state {
        State::Queued | State::Matched => {
            let slot = node.unstarted_slot(job, job.address())?;
            let matched_at = job.held_since(slot);
            let has_expired = clocks
                .match_expired(UnixTimestamp(matched_at), UnixTimestamp(now))
                .map_err(errors::overflow_error)?;
            require!(!has_expired, JobsError::DeadlinePassed);
            let collateral = if state == State::Matched {
                slot.set_resting_matched(&clocks, matched_at, now)?
            } else {
                slot.set_resting_unstarted(&clocks, matched_at, now)?
            };
            (collateral, Return::Refused)
        }
        State::Running => {
            let run = job.run_times()?;
            let end = ending::outcome_at(&run, &clocks, UnixTimestamp(now), Caller::Stranger)
                .map_err(errors::overflow_error)?;
            require!(matches!(end, None | Some(RunOutcome::Requeue)), JobsError::DeadlinePassed);
            let slot = node.holding_slot(job.address(), SlotState::Running)?;
            (slot.set_resting_stopped(&clocks, now)?, Return::Failed)
        }
        _ => return Err(JobsError::WrongState.into()),
    };

    node.keep_collateral(collateral)?;
    requeue_job(job, &mut accounts.queue, node, how, cause, now)?;
    // After the requeue, which clears the run of a job that is queued again. One that is settled
    // keeps no progress either: its checkpoint names words.
    job.checkpoint = detail;
    job.progress_bps = 0;

    accounts.pay_parties()
}
