use anchor_lang::prelude::*;

use super::ChangeLock;
use crate::{
    errors::{self, StakingError},
    events::CollateralChanged,
};

pub fn handler(ctx: &mut Context<ChangeLock>, amount: u64) -> Result<()> {
    let stake = &mut ctx.accounts.stake;
    let locked_before = stake.locked;
    stake.locked = locked_before.checked_sub(amount).ok_or(StakingError::LockTooSmall)?;
    errors::check(stake)?;
    emit!(CollateralChanged { owner: stake.owner, locked_before, locked_after: stake.locked });
    Ok(())
}
