use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, unix_now};

use super::PayOwner;
use crate::{
    errors::{StakingError, overflow_error},
    events::Withdrawn,
    state::StakeInvariant,
};

/// # Specification
/// - Only the owner, to any token account of NOS; only in the cooldown.
/// - Pays `floor(amount × elapsed / duration) − withdrawn`, but never what is locked; everything
///   that is not locked once the cooldown is over.
/// - Fails if that is nothing, so that a client does not pay for an empty transaction.
pub fn process_withdraw(ctx: &mut Context<PayOwner>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let stake = &mut accounts.stake;
    require!(stake.is_unstaked(), StakingError::NotUnstaked);

    let amount = stake.withdrawable_at(now).map_err(overflow_error)?;
    require!(amount > 0, StakingError::NothingToWithdraw);

    stake.withdrawn = stake.withdrawn.checked_add(amount).ok_or(StakingError::Overflow)?;
    stake.invariant()?;

    let event = Withdrawn {
        owner: stake.owner,
        amount,
        remaining: stake.in_vault().map_err(overflow_error)?,
    };
    accounts.pay_destination(amount);

    log_event(event);
    Ok(())
}
