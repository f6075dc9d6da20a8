use anchor_lang::prelude::*;
use nosana_onchain::now;
use nosana_protocol::job::{Action, Reason, State};

use super::EndRun;
use crate::{errors::JobsError, flow, state::SlotState};

/// # Specification
/// - Only the client; only a job that was matched or runs. One that waits is cancelled instead; one that a node took from
///   the queue has first to be started, given back, or expired.
/// - Before the start nobody is paid. After it the node is paid for the time its heartbeats prove, at least one second.
/// - The slot is free, the collateral released.
pub fn handler(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.job.client, JobsError::NotClient);
    let job_address = *accounts.job.address();
    let (slot, proven) = match accounts.job.state()? {
        State::Matched => {
            accounts.check_node()?;
            (accounts.node.waiting_in(&accounts.job.market)?, None)
        }
        State::Running => {
            accounts.check_node()?;
            let proven = accounts.proven(now)?;
            (accounts.node.holding(&job_address, SlotState::Running)?, Some(proven))
        }
        _ => return Err(JobsError::WrongState.into()),
    };
    let collateral = slot.free();
    flow::assign(&mut accounts.job, &mut accounts.queue, Action::Stop, Reason::ClientStopped, proven, now)?;
    accounts.pay()?;
    accounts.release(collateral);
    Ok(())
}
