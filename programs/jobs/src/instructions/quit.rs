use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
use nosana_protocol::{
    ending::{self, RunOutcome},
    job::{Return, State},
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
/// - The node is not paid. The collateral is released. The slot rests for as long as holding the
///   job without a start or a heartbeat would have kept it in use.
/// - A job that was not started goes to the end of the queue, and no attempt is counted. One that
///   was started goes to the front, and an attempt is counted. If the job has no attempt left, has
///   waited too long, or finds no place, it is settled with a full refund.
pub fn process_quit(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.node.authority, JobsError::NotNodeAuthority);
    let job = &mut accounts.job;
    let node = &mut accounts.node;
    let state = job.current_state()?;
    let clocks = job.clocks();
    if state != State::Queued {
        require!(job.node == *node.address(), JobsError::NotThisNode);
    }

    let (slot, how, until) = match state {
        State::Queued | State::Matched => {
            let slot = node.unstarted_slot(job)?;
            let matched_at = if state == State::Matched { job.matched_at } else { slot.since };
            let has_expired = clocks
                .match_expired(UnixTimestamp(matched_at), UnixTimestamp(now))
                .map_err(errors::overflow_error)?;
            require!(!has_expired, JobsError::DeadlinePassed);
            (slot, Return::Refused, clocks.rest_after_refusal(UnixTimestamp(matched_at)))
        }
        State::Running => {
            let end = ending::outcome_at(&job.run_times()?, &clocks, UnixTimestamp(now))
                .map_err(errors::overflow_error)?;
            require!(matches!(end, None | Some(RunOutcome::Requeue)), JobsError::DeadlinePassed);
            let slot = node.holding_slot(job.address(), SlotState::Running)?;
            (slot, Return::Failed, clocks.rest_after_quit(UnixTimestamp(now)))
        }
        _ => return Err(JobsError::WrongState.into()),
    };

    let collateral = slot.set_resting(until.map_err(errors::overflow_error)?.0);
    let released = requeue_job(job, &mut accounts.queue, node, how, now)?;

    accounts.pay_parties()?;
    let total = collateral.checked_add(released).ok_or(JobsError::Overflow)?;
    accounts.release_collateral(total);
    Ok(())
}
