use anchor_lang::prelude::*;
use nosana_program_common::now;
use nosana_protocol::{
    job::{Action, Reason, State},
    units::UnixTimestamp,
};

use super::EndRun;
use crate::{
    errors::{self, JobsError},
    flow::Ending,
};

/// # Specification
/// - Anyone, once the challenge window of a submitted result is over.
/// - Pays the time from start to result, at least one second, at most the timeout; releases the
///   collateral.
pub fn handler(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = now()?;
    let job = &ctx.accounts.job;
    require!(job.state()? == State::Submitted, JobsError::WrongState);
    let over = job
        .clocks()
        .settleable(UnixTimestamp(job.submitted_at), UnixTimestamp(now))
        .map_err(errors::overflow)?;
    require!(over, JobsError::TooEarly);
    ctx.accounts.pay_result(now)
}

impl EndRun {
    /// Pays for a submitted result.
    pub fn pay_result(&mut self, now: i64) -> Result<()> {
        self.check_node()?;
        let job = &mut self.job;
        let proven = UnixTimestamp(job.submitted_at).since(UnixTimestamp(job.started_at));
        let collateral = core::mem::take(&mut job.collateral);
        let ending =
            Ending { action: Action::Settle, reason: Reason::Completed, proven: Some(proven) };
        self.end(&ending, collateral, now)
    }
}
