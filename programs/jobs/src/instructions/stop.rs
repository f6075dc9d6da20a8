use anchor_lang::prelude::*;
use nosana_program_common::now;
use nosana_protocol::job::{Action, Reason, State};

use super::EndRun;
use nosana_protocol::slot::SlotState;

use crate::{errors::JobsError, flow::Ending};

/// # Specification
/// - Only the client; only a job that runs, or that a node took from the queue and has not started.
///   One that waits is cancelled instead. One that met a waiting node is bound until its start
///   clock has run out.
/// - Before the start nobody is paid. After it the node is paid for the time its heartbeats prove,
///   at least one second.
/// - The slot is free, the collateral released.
pub fn handler(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.job.client, JobsError::NotClient);
    let (proven, slot) = match accounts.job.state()? {
        State::Queued => (None, SlotState::Claimed),
        State::Running => {
            accounts.check_node()?;
            (Some(accounts.proven(now)?), SlotState::Running)
        }
        _ => return Err(JobsError::WrongState.into()),
    };
    let collateral = accounts.node.holding(accounts.job.address(), slot)?.free();
    accounts.end(
        &Ending { action: Action::Stop, reason: Reason::ClientStopped, proven },
        collateral,
        now,
    )
}
