use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, unix_now};
use nosana_protocol::{job::State, units::UnixTimestamp};

use crate::{
    errors::{self, JobsError},
    events::JobClosed,
    state::Job,
};

/// # Specification
/// - Anyone, once a settled job's retention is over and it owes no credit.
/// - The rent goes to the payer.
#[derive(Accounts)]
pub struct Clean {
    #[account(mut, close = payer)]
    pub job: Account<Job>,
    /// CHECK: the payer that the job names; it only receives the rent.
    #[account(mut, address = job.payer @ JobsError::WrongAccount)]
    pub payer: UncheckedAccount,
}

pub fn process_clean(ctx: &mut Context<Clean>) -> Result<()> {
    let job = &ctx.accounts.job;
    require!(job.current_state()? == State::Settled, JobsError::WrongState);
    let is_cleanable = job
        .clocks()
        .is_cleanable(UnixTimestamp(job.settled_at), UnixTimestamp(unix_now()?))
        .map_err(errors::overflow_error)?;
    require!(is_cleanable, JobsError::TooEarly);
    require!(job.node_credit == 0 && job.payer_credit == 0, JobsError::JobNotEmpty);

    log_event(JobClosed { job: *job.address(), payer: job.payer });
    Ok(())
}
