use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
use nosana_protocol::job::State;

use super::EndRun;
use crate::errors::JobsError;

/// # Specification
/// - Only the client; only a submitted result, whose challenge window the client waives.
/// - `attempt_id` is the job's current attempt: the client accepts the result that it has read.
/// - Pays like `settle`.
pub fn process_accept(ctx: &mut Context<EndRun>, attempt_id: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.job.client, JobsError::NotClient);
    require!(accounts.job.current_state()? == State::Submitted, JobsError::WrongState);
    accounts.job.check_attempt(attempt_id)?;

    accounts.pay_result(unix_now()?)
}
