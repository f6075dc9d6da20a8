use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;

use super::PayOwner;
use crate::{errors::StakingError, events::CommissionClaimed, state::StakeInvariant};

/// # Specification
/// - Only the owner of the stake, to any token account of NOS.
/// - Pays the commission of everything that delegations have claimed or settled so far; fails if
///   that is nothing. To settle a delegation, claim for it.
pub fn process_claim_commission(ctx: &mut Context<PayOwner>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = core::mem::take(&mut accounts.stake.commission_owed);
    require!(amount > 0, StakingError::NothingToClaim);
    accounts.stake.invariant()?;

    let event = CommissionClaimed { owner: accounts.stake.owner, amount };
    accounts.pay_destination(amount);

    log_event(event);
    Ok(())
}
