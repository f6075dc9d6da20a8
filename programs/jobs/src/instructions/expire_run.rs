use anchor_lang::prelude::*;
use nosana_program_common::now;
use nosana_protocol::{
    ending,
    job::{Action, Return, State},
    units::UnixTimestamp,
};

use super::EndRun;
use nosana_protocol::slot::SlotState;

use crate::{
    errors::{self, JobsError},
    flow::{self, Ending},
};

/// # Specification
/// - Anyone, once a clock of a running job has run out; what then happens is [`ending::of`].
/// - Anyone also, while none has, if the owner's own stake no longer has the xNOS that it had to
///   keep ([`ending::min_own_xnos`]); what then happens is [`ending::without_backing`].
/// - The slot is free, the collateral released: silence is not proof of a fault.
pub fn handler(ctx: &mut Context<EndRun>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    require!(accounts.job.state()? == State::Running, JobsError::WrongState);
    accounts.check_node()?;
    let (run, clocks) = (accounts.job.run()?, accounts.job.clocks());
    let end = match ending::of(&run, &clocks, UnixTimestamp(now)).map_err(errors::overflow)? {
        Some(end) => end,
        None => {
            require!(!accounts.is_backed(), JobsError::TooEarly);
            ending::without_backing(&run, &clocks, UnixTimestamp(now)).map_err(errors::overflow)?
        }
    };
    let collateral = accounts.node.holding(accounts.job.address(), SlotState::Running)?.free();
    match end {
        ending::Ending::Settle(reason, proven) => accounts.end(
            &Ending { action: Action::Settle, reason, proven: Some(proven) },
            collateral,
            now,
        ),
        ending::Ending::Requeue => {
            let (job, node) = (&mut accounts.job, &mut accounts.node);
            let more = flow::requeue(job, &mut accounts.queue, node, Return::Failed, now)?;
            accounts.pay()?;
            accounts.release(collateral.checked_add(more).ok_or(JobsError::Overflow)?);
            Ok(())
        }
    }
}
