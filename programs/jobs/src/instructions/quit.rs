use anchor_lang::prelude::*;
use nosana_program_common::now;
use nosana_protocol::{
    ending,
    job::{Return, State},
    units::UnixTimestamp,
};

use super::EndRun;
use nosana_protocol::slot::SlotState;

use crate::{
    errors::{self, JobsError},
    flow,
};

/// # Specification
/// - Only the node's authority: for a job that it runs, that it took from the queue, or that met it
///   while it waited.
/// - Not once the start clock of the match has run out, nor once the clocks of the run would settle
///   it: then the node's failure is a fact, and quitting does not undo it.
/// - Nobody is paid. The collateral is released. The slot rests for as long as holding on in
///   silence would have kept it.
/// - Before the start the job goes last in line, and nothing is counted; after it the job goes
///   first, and an attempt is counted. If it has no attempt left, has waited too long, or finds no
///   place, it is settled with a full refund.
pub fn handler(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    require!(*accounts.authority.address() == accounts.node.authority, JobsError::NotNodeAuthority);
    let (job, node) = (&mut accounts.job, &mut accounts.node);
    let (state, clocks) = (job.state()?, job.clocks());
    if state != State::Queued {
        require!(job.node == *node.address(), JobsError::NotThisNode);
    }
    let (slot, how, until) = match state {
        State::Queued | State::Matched => {
            let slot = node.holding_unstarted(job)?;
            let taken = if state == State::Matched { job.matched_at } else { slot.since };
            let late = clocks
                .match_expired(UnixTimestamp(taken), UnixTimestamp(now))
                .map_err(errors::overflow)?;
            require!(!late, JobsError::DeadlinePassed);
            (slot, Return::Refused, clocks.rest_after_refusal(UnixTimestamp(taken)))
        }
        State::Running => {
            let end =
                ending::of(&job.run()?, &clocks, UnixTimestamp(now)).map_err(errors::overflow)?;
            require!(
                matches!(end, None | Some(ending::Ending::Requeue)),
                JobsError::DeadlinePassed
            );
            let slot = node.holding(job.address(), SlotState::Running)?;
            (slot, Return::Failed, clocks.rest_after_quit(UnixTimestamp(now)))
        }
        _ => return Err(JobsError::WrongState.into()),
    };
    let collateral = slot.rest(until.map_err(errors::overflow)?.0);
    let more = flow::requeue(job, &mut accounts.queue, node, how, now)?;
    accounts.pay()?;
    accounts.release(collateral.checked_add(more).ok_or(JobsError::Overflow)?);
    Ok(())
}
