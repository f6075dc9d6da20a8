use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;

use crate::{
    errors::{StakingError, overflow_error},
    events::DelegationClosed,
    state::{Delegation, Stake, StakeInvariant},
};

/// # Specification
/// - Only the delegator, or the owner of the stake.
/// - Only an empty delegation: nothing to claim, and no shares but those that are in their cooldown
///   and worthless. Those end with it.
/// - The rent goes to the delegator.
#[derive(Accounts)]
pub struct CloseDelegation {
    #[account(
        constraint = *authority.address() == delegation.delegator
            || *authority.address() == stake.owner @ StakingError::NotDelegator
    )]
    pub authority: Signer,
    /// CHECK: the delegator that the delegation names; it only receives, even if it is the signer.
    #[account(unsafe(dup), address = delegation.delegator @ StakingError::WrongAccount)]
    pub delegator: UncheckedAccount,
    #[account(mut, address = delegation.stake @ StakingError::WrongAccount)]
    pub stake: Account<Stake>,
    #[account(mut, close = delegator)]
    pub delegation: Account<Delegation>,
}

pub fn process_close_delegation(ctx: &mut Context<CloseDelegation>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let stake = &mut accounts.stake;
    let mut delegation = accounts.delegation.to_protocol();
    let mut delegated = stake.to_delegated();
    let value = delegated.value_of(delegation.shares).map_err(overflow_error)?;
    let earns_nothing = delegation.shares == 0 || delegation.undelegated;
    require!(
        earns_nothing && value.0 == 0 && delegation.accrued.0 == 0,
        StakingError::DelegationNotEmpty
    );

    delegated.sell_shares(&mut delegation, value).map_err(overflow_error)?;
    stake.store_delegated(&delegated);
    stake.delegation_count = stake.delegation_count.checked_sub(1).ok_or(StakingError::Overflow)?;
    stake.invariant()?;

    let delegation = &accounts.delegation;
    log_event(DelegationClosed { delegator: delegation.delegator, stake: delegation.stake });
    Ok(())
}
