use anchor_lang::prelude::*;
use nosana_onchain::now;
use nosana_protocol::{
    ending::{self, Ending},
    job::{Action, State},
    units::Moment,
};

use super::EndRun;
use crate::{
    errors::{self, JobsError},
    flow,
    state::SlotState,
};

/// # Specification
/// - Anyone, once a clock of a running job has run out; what then happens is [`ending::of`].
/// - The slot is free, the collateral released: silence is not proof of a fault.
pub fn handler(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    require!(accounts.job.state()? == State::Running, JobsError::WrongState);
    accounts.check_node()?;
    let ending = ending::of(&accounts.run()?, &accounts.job.clocks(), Moment(now)).map_err(errors::overflow)?;
    let ending = ending.ok_or(JobsError::TooEarly)?;

    let job_address = *accounts.job.address();
    let collateral = accounts.node.holding(&job_address, SlotState::Running)?.free();
    let (job, queue) = (&mut accounts.job, &mut accounts.queue);
    match ending {
        Ending::Settle(reason, proven) => flow::assign(job, queue, Action::Settle, reason, Some(proven), now)?,
        Ending::Requeue => {
            accounts.node.jobs_failed = accounts.node.jobs_failed.saturating_add(1);
            flow::requeue(job, queue, now)?;
        }
    }
    accounts.pay()?;
    accounts.release(collateral);
    Ok(())
}
