use anchor_lang::prelude::*;

use crate::{
    errors::{self, StakingError},
    events::DelegationClosed,
    state::{Delegation, Stake},
};

/// # Specification
/// - Only the delegator, or the owner of the stake; only an empty delegation: nothing to claim, and
///   shares, if there are any left, that are in their cooldown and worth nothing. They end with it.
/// - The rent goes to the delegator.
#[derive(Accounts)]
pub struct CloseDelegation {
    #[account(
        constraint = *authority.address() == delegation.delegator || *authority.address() == stake.owner
            @ StakingError::NotDelegator
    )]
    pub authority: Signer,
    /// CHECK: the delegator that the delegation names; it only receives, also if it is the signer.
    #[account(unsafe(dup), address = delegation.delegator @ StakingError::WrongAccount)]
    pub delegator: UncheckedAccount,
    #[account(mut, address = delegation.stake @ StakingError::WrongAccount)]
    pub stake: Account<Stake>,
    #[account(mut, close = delegator)]
    pub delegation: Account<Delegation>,
}

pub fn handler(ctx: &mut Context<CloseDelegation>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let (stake, delegation) = (&mut accounts.stake, &mut accounts.delegation);
    let mut mine = delegation.rules();
    let mut delegated = stake.delegations();
    let value = delegated.value(mine.shares).map_err(errors::overflow)?;
    let settled = mine.shares == 0 || delegation.is_undelegated();
    require!(settled && value.0 == 0 && mine.accrued.0 == 0, StakingError::DelegationNotEmpty);
    delegated.take_out(&mut mine, value).map_err(errors::overflow)?;
    stake.store_delegations(&delegated);
    stake.delegation_count = stake.delegation_count.checked_sub(1).ok_or(StakingError::Overflow)?;
    errors::check(stake)?;
    emit!(DelegationClosed { delegator: delegation.delegator, stake: delegation.stake });
    Ok(())
}
