use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
use nosana_protocol::{
    ending,
    job::{Return, State},
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
/// - The slot is free, the collateral released: a missing heartbeat does not prove a fault.
pub fn process_expire_run(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    require!(accounts.job.current_state()? == State::Running, JobsError::WrongState);
    accounts.check_node()?;

    let run = accounts.job.run_times()?;
    let clocks = accounts.job.clocks();
    let by_clock =
        ending::outcome_at(&run, &clocks, UnixTimestamp(now)).map_err(errors::overflow_error)?;
    let end = match by_clock {
        Some(end) => end,
        None => {
            require!(!accounts.is_backed()?, JobsError::TooEarly);
            ending::outcome_without_backing(&run, &clocks, UnixTimestamp(now))
                .map_err(errors::overflow_error)?
        }
    };

    let job_address = accounts.job.address();
    let collateral = accounts.node.holding_slot(job_address, SlotState::Running)?.set_free();
    match end {
        ending::RunOutcome::Settle(reason, proven) => {
            accounts.settle_run(&Settlement::with_work(reason, proven), collateral, now)
        }
        ending::RunOutcome::Requeue => {
            let job = &mut accounts.job;
            let node = &mut accounts.node;
            let released = requeue_job(job, &mut accounts.queue, node, Return::Failed, now)?;

            accounts.pay_parties()?;
            let total = collateral.checked_add(released).ok_or(JobsError::Overflow)?;
            accounts.release_collateral(total);
            Ok(())
        }
    }
}
