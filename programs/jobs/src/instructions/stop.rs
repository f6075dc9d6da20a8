use anchor_lang::prelude::*;
use nosana_onchain::now;
use nosana_protocol::job::{Action, Reason, State};

use super::EndRun;
use crate::{
    errors::JobsError,
    flow::{self, Ending},
    state::SlotState,
};

/// # Specification
/// - Only the client; only a job that was matched or runs. One that waits is cancelled instead; one that a node took from
///   the queue has first to be started, given back, or expired.
/// - Before the start nobody is paid, and the node gets its place back: first in line, or the first job that waits.
/// - After the start the node is paid for the time its heartbeats prove, at least one second; its slot is free and its
///   collateral released.
pub fn handler(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.job.client, JobsError::NotClient);
    let state = accounts.job.state()?;
    require!(matches!(state, State::Matched | State::Running), JobsError::WrongState);
    accounts.check_node()?;
    let mut ending = Ending { action: Action::Stop, reason: Reason::ClientStopped, proven: None };
    if state == State::Running {
        ending.proven = Some(accounts.proven(now)?);
        let collateral = accounts.node.holding(accounts.job.address(), SlotState::Running)?.free();
        return accounts.end(&ending, collateral, now);
    }
    let collateral = flow::return_node(&accounts.job, &mut accounts.queue, &mut accounts.node, now)?;
    flow::assign(&mut accounts.job, &mut accounts.queue, None, &ending, now)?;
    accounts.pay()?;
    accounts.release(collateral);
    Ok(())
}
