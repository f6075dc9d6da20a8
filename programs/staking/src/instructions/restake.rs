use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;

use super::ChangeStake;
use crate::{
    errors::{StakingError, overflow_error},
    events::Restaked,
    state::StakeInvariant,
};

/// # Specification
/// - Only the owner, only in the cooldown, not while entry is paused.
/// - What is still in the vault, at least the minimum, is staked again for the same duration. The
///   cooldown is over; a later one starts from the beginning.
/// - The position is settled with the new weight. Locked collateral stays locked.
pub fn process_restake(ctx: &mut Context<ChangeStake>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    let stake = &mut accounts.stake;
    require!(stake.is_unstaked(), StakingError::NotUnstaked);

    stake.amount = stake.in_vault().map_err(overflow_error)?;
    require!(stake.amount >= accounts.config.min_stake, StakingError::AmountTooSmall);

    let weight_before = stake.xnos;
    stake.withdrawn = 0;
    stake.unstaked_at = 0;
    stake.update_weight().map_err(overflow_error)?;
    stake.invariant()?;

    let event = Restaked { owner: stake.owner, amount: stake.amount, xnos: stake.xnos };
    accounts.sync_position(weight_before);

    log_event(event);
    Ok(())
}
