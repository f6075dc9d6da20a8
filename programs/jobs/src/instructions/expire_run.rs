use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
use nosana_protocol::{
    ending::{self, Caller, RunOutcome},
    job::{Reason, Return, ReturnCause, State},
    slot::SlotState,
    units::UnixTimestamp,
};

use super::EndRun;
use crate::{
    errors::{self, JobsError},
    requeue::requeue_job,
    settlement::Settlement,
};

/// # Specification
/// - Anyone, once a clock of a running job has run out; [`ending::outcome_at`] decides how the run
///   ends.
/// - Anyone also while no clock has run out, if the owner's own stake no longer has the xNOS that
///   it must keep ([`ending::min_own_xnos`]); [`ending::outcome_without_backing`] decides how the
///   run ends.
/// - A batch job whose node missed a heartbeat is requeued, and the node is not paid. If the job's
///   client or payer calls, the job is settled, and the node is paid up to its last heartbeat.
/// - The slot rests as after a `quit` of a run, unless a service has ended as agreed. The collateral
///   is released: a missing heartbeat does not prove a fault.
pub fn process_expire_run(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    require!(accounts.job.current_state()? == State::Running, JobsError::WrongState);
    accounts.check_node()?;

    let run = accounts.job.run_times()?;
    let clocks = accounts.job.clocks();
    let by_clock = ending::outcome_at(&run, &clocks, UnixTimestamp(now), accounts.caller())
        .map_err(errors::overflow_error)?;
    let (end, cause) = match by_clock {
        Some(end) => (end, ReturnCause::HeartbeatLost),
        None => {
            require!(!accounts.is_backed()?, JobsError::TooEarly);
            let end = ending::outcome_without_backing(&run, &clocks, UnixTimestamp(now))
                .map_err(errors::overflow_error)?;
            (end, ReturnCause::BackingLost)
        }
    };

    let job_address = accounts.job.address();
    let slot = accounts.node.holding_slot(job_address, SlotState::Running)?;
    let collateral = match end {
        RunOutcome::Settle(Reason::Completed, _) => slot.set_free(),
        _ => slot.set_resting_stopped(&clocks, now)?,
    };
    match end {
        RunOutcome::Settle(reason, proven) => {
            accounts.settle_run(&Settlement::with_work(reason, proven), collateral, now)
        }
        RunOutcome::Requeue => {
            let job = &mut accounts.job;
            let node = &mut accounts.node;
            let queue = &mut accounts.queue;
            let released = requeue_job(job, queue, node, Return::Failed, cause, now)?;

            accounts.pay_parties()?;
            let total = collateral.checked_add(released).ok_or(JobsError::Overflow)?;
            accounts.release_collateral(total);
            Ok(())
        }
    }
}

impl EndRun {
    /// Returns whose call this is.
    fn caller(&self) -> Caller {
        let caller = self.authority.address();
        if *caller == self.job.client || *caller == self.job.payer {
            Caller::Client
        } else {
            Caller::Stranger
        }
    }
}
