use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
use nosana_protocol::{
    job::{Reason, State},
    units::UnixTimestamp,
};

use super::EndRun;
use crate::{
    errors::{self, JobsError},
    settlement::Settlement,
};

/// # Specification
/// - Anyone, once the challenge window of a submitted result is over.
/// - Pays the time from start to result, at least one second, at most the timeout. The node
///   keeps the collateral for its next slot.
pub fn process_settle(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = unix_now()?;
    let job = &ctx.accounts.job;
    require!(job.current_state()? == State::Submitted, JobsError::WrongState);
    let is_settleable = job
        .clocks()
        .is_settleable(UnixTimestamp(job.submitted_at), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    require!(is_settleable, JobsError::TooEarly);

    ctx.accounts.pay_result(now)
}

impl EndRun {
    /// Settles a job whose result is submitted.
    pub fn pay_result(&mut self, now: i64) -> Result<()> {
        self.check_node()?;

        let job = &mut self.job;
        let proven = UnixTimestamp(job.submitted_at).seconds_since(UnixTimestamp(job.started_at));
        let collateral = core::mem::take(&mut job.collateral);
        self.settle_run(&Settlement::with_work(Reason::Completed, proven), collateral, now)
    }
}
