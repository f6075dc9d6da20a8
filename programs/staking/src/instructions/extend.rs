use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;
use nosana_protocol::xnos;

use super::ChangeStake;
use crate::{
    errors::{StakingError, overflow_error},
    events::Extended,
    state::StakeInvariant,
};

/// # Specification
/// - Only the owner, only while the stake is not in its cooldown, not while entry is paused.
/// - The cooldown becomes longer, up to 365 days: a shorter one would break the commitment that
///   gave the stake its weight.
/// - The position is settled with the new weight.
pub fn process_extend(ctx: &mut Context<ChangeStake>, duration_seconds: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    let stake = &mut accounts.stake;
    require!(!stake.is_unstaked(), StakingError::AlreadyUnstaked);
    require!(duration_seconds <= xnos::MAX_DURATION.0, StakingError::DurationOutOfRange);
    require!(duration_seconds > stake.duration_seconds, StakingError::NotLonger);

    let weight_before = stake.xnos;
    stake.duration_seconds = duration_seconds;
    stake.update_weight().map_err(overflow_error)?;
    stake.invariant()?;

    let event = Extended { owner: stake.owner, duration_seconds, xnos: stake.xnos };
    accounts.sync_position(weight_before);

    log_event(event);
    Ok(())
}
