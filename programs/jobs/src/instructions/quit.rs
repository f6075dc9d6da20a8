use anchor_lang::prelude::*;
use nosana_onchain::now;
use nosana_protocol::job::State;

use super::EndRun;
use crate::{errors::JobsError, flow, state::SlotState};

/// # Specification
/// - Only the node's authority: for a job that it runs, that it took from the queue, or that met it while it waited.
/// - Nobody is paid. The slot is free, the collateral released, the job queued again or, if that is not possible, settled
///   with a full refund.
pub fn handler(ctx: &mut Context<EndRun>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.node.authority, JobsError::NotNodeAuthority);
    let job_address = *accounts.job.address();
    let slot = match accounts.job.state()? {
        State::Queued => accounts.node.holding(&job_address, SlotState::Offered)?,
        State::Matched => {
            accounts.check_node()?;
            accounts.node.waiting_in(&accounts.job.market)?
        }
        State::Running => {
            accounts.check_node()?;
            accounts.node.holding(&job_address, SlotState::Running)?
        }
        _ => return Err(JobsError::WrongState.into()),
    };
    let collateral = slot.free();
    accounts.node.jobs_failed = accounts.node.jobs_failed.saturating_add(1);
    flow::requeue(&mut accounts.job, &mut accounts.queue, now()?)?;
    accounts.pay()?;
    accounts.release(collateral);
    Ok(())
}
