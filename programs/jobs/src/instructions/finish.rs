use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, unix_now};
use nosana_protocol::{
    job::{Action, Kind, Reason},
    slot::SlotState,
    units::{UnixTimestamp, WHOLE_BPS},
};

use super::EndRun;
use crate::{
    errors::{self, JobsError},
    events::JobSubmitted,
    settlement::Settlement,
};

/// # Specification
/// - Only the authority of the node that runs the job; only a job with a result; not after its
///   deadline; the result is not zero.
/// - `trace` is the commitment to the trace of a verified job, and zero for any other. It takes the
///   place of the job's checkpoint.
/// - `attempt_id` is the job's current attempt.
/// - The slot is free, or rests until the market's shortest run is over. Without a challenge window
///   the job is settled at once, and the node keeps the collateral for its next slot; with one, both
///   wait for `settle`.
/// - Pays the time from start to now, at least one second, at most the timeout.
pub fn process_finish(
    ctx: &mut Context<EndRun>,
    attempt_id: u64,
    result: [u8; 32],
    trace: [u8; 32],
) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.node.authority, JobsError::NotNodeAuthority);
    require!(result != [0; 32], JobsError::EmptyDigest);
    accounts.job.check_attempt(attempt_id)?;
    accounts.job.apply_action(Action::Finish)?;
    accounts.check_node()?;
    let kind = accounts.job.money_terms()?.kind;
    require!(kind.has_result(), JobsError::ServiceHasNoResult);
    let has_trace = trace != [0; 32];
    require!(has_trace == (kind == Kind::VerifiedBatch), JobsError::TraceMismatch);
    require!(now <= accounts.job.deadline()?, JobsError::DeadlinePassed);

    let job_address = *accounts.job.address();
    let clocks = accounts.job.clocks();
    let rest = clocks
        .rest_after_result(UnixTimestamp(accounts.job.started_at), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    let slot = accounts.node.holding_slot(&job_address, SlotState::Running)?;
    let collateral = match rest {
        Some(until) => slot.set_resting(until.0),
        None => slot.set_free(),
    };
    let job = &mut accounts.job;
    job.result = result;
    if has_trace {
        job.checkpoint = trace;
    }
    job.submitted_at = now;
    job.progress_bps = WHOLE_BPS;

    let is_settleable = clocks
        .is_settleable(UnixTimestamp(now), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    if is_settleable {
        let proven = UnixTimestamp(now).seconds_since(UnixTimestamp(job.started_at));
        let settlement = Settlement::with_work(Reason::Completed, proven);
        return accounts.settle_run(&settlement, collateral, now);
    }

    job.collateral = collateral;

    log_event(JobSubmitted { job: job_address, node: job.node, result, submitted_at: now });
    Ok(())
}
