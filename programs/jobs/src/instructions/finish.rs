use anchor_lang::prelude::*;
use nosana_program_common::now;
use nosana_protocol::{
    job::{Action, Kind, Reason},
    units::{UnixTimestamp, WHOLE_BPS},
};

use super::EndRun;
use nosana_protocol::slot::SlotState;

use crate::{
    errors::{self, JobsError},
    events::JobSubmitted,
    flow::Ending,
};

/// # Specification
/// - Only the authority of the node that runs the job; only a batch job; not after its deadline;
///   the result is not empty.
/// - The slot is free again. Without a challenge window the job is settled and the collateral
///   released at once; else both wait for `settle`.
/// - Pays the time from start to now, at least one second, at most the timeout.
pub fn handler(ctx: &mut Context<EndRun>, result: [u8; 32]) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.node.authority, JobsError::NotNodeAuthority);
    require!(result != [0; 32], JobsError::EmptyDigest);
    accounts.job.advance(Action::Finish)?;
    accounts.check_node()?;
    require!(accounts.job.terms()?.kind == Kind::Batch, JobsError::ServiceHasNoResult);
    require!(now <= accounts.job.deadline()?, JobsError::DeadlinePassed);

    let job_address = *accounts.job.address();
    let collateral = accounts.node.holding(&job_address, SlotState::Running)?.free();
    accounts.node.jobs_completed = accounts.node.jobs_completed.saturating_add(1);
    let job = &mut accounts.job;
    job.result = result;
    job.submitted_at = now;
    job.progress_bps = WHOLE_BPS;
    if job.clocks().settleable(UnixTimestamp(now), UnixTimestamp(now)).map_err(errors::overflow)? {
        let proven = UnixTimestamp(now).since(UnixTimestamp(job.started_at));
        let ending =
            Ending { action: Action::Settle, reason: Reason::Completed, proven: Some(proven) };
        return accounts.end(&ending, collateral, now);
    }
    job.collateral = collateral;
    job.invariant()?;
    emit!(JobSubmitted { job: job_address, node: job.node, result, submitted_at: now });
    Ok(())
}
