use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;

use super::ChangeLock;
use crate::{errors::StakingError, events::CollateralChanged, state::StakeInvariant};

/// # Specification
/// - Only the jobs program's authority.
/// - Requires `amount ≤ locked`; also in the cooldown.
/// - Neither moves tokens nor changes the weight.
pub fn process_release(ctx: &mut Context<ChangeLock>, amount: u64) -> Result<()> {
    let stake = &mut ctx.accounts.stake;
    let locked_before = stake.locked;
    stake.locked = locked_before.checked_sub(amount).ok_or(StakingError::LockTooSmall)?;
    stake.invariant()?;

    log_event(CollateralChanged { owner: stake.owner, locked_before, locked_after: stake.locked });
    Ok(())
}
