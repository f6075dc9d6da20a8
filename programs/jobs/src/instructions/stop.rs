use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
use nosana_protocol::{
    job::{Action, Reason, State},
    slot::SlotState,
};

use super::EndRun;
use crate::{errors::JobsError, settlement::Settlement};

/// # Specification
/// - Only the client; only a job that runs, or that a node took from the queue and has not started.
///   A waiting job is cancelled instead. A job that was matched with a waiting node is bound until
///   its start clock has run out.
/// - `attempt_id` is the job's current attempt.
/// - Before the start the node is not paid. After it the node is paid for the time that its
///   heartbeats prove, at least one second.
/// - The slot is free, and the node keeps its collateral for the next one.
pub fn process_stop(ctx: &mut Context<EndRun>, attempt_id: u64) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.job.client, JobsError::NotClient);
    accounts.job.check_attempt(attempt_id)?;
    let (proven, slot_state) = match accounts.job.current_state()? {
        State::Queued => (None, SlotState::Claimed),
        State::Running => {
            accounts.check_node()?;
            (Some(accounts.proven_time(now)?), SlotState::Running)
        }
        _ => return Err(JobsError::WrongState.into()),
    };

    let collateral = accounts.node.holding_slot(accounts.job.address(), slot_state)?.set_free();
    let settlement = Settlement { action: Action::Stop, reason: Reason::ClientStopped, proven };
    accounts.settle_run(&settlement, collateral, now)
}
