use anchor_lang::prelude::*;
use nosana_program_common::now;
use nosana_protocol::job::State;

use super::EndRun;
use crate::errors::JobsError;

/// # Specification
/// - Only the client; only a submitted result, whose challenge window it gives up.
/// - Pays as `settle` would.
pub fn handler(ctx: &mut Context<EndRun>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.job.client, JobsError::NotClient);
    require!(accounts.job.state()? == State::Submitted, JobsError::WrongState);
    accounts.pay_result(now()?)
}
