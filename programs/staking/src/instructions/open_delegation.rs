use anchor_lang::prelude::*;
use nosana_protocol::seeds;

use crate::{
    constants::LAYOUT_VERSION,
    errors::StakingError,
    state::{Delegation, Stake, StakeInvariant},
};

/// # Specification
/// - Anyone, once for each stake, only while the stake accepts delegations: an owner who wants to
///   close the stake can stop new ones.
/// - The delegation is empty until `delegate`, and agrees to no terms before that.
#[derive(Accounts)]
pub struct OpenDelegation {
    /// Will own the delegation; pays the rent.
    #[account(mut)]
    pub delegator: Signer,
    #[account(mut, constraint = stake.accepts_delegation != 0 @ StakingError::NotAccepting)]
    pub stake: Account<Stake>,
    #[account(init, payer = delegator, seeds = [seeds::DELEGATION, stake, delegator], bump)]
    pub delegation: Account<Delegation>,
    pub system_program: Program<System>,
}

pub fn process_open_delegation(ctx: &mut Context<OpenDelegation>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let stake = &mut accounts.stake;
    stake.delegation_count = stake.delegation_count.checked_add(1).ok_or(StakingError::Overflow)?;
    stake.invariant()?;

    let delegation = &mut accounts.delegation;
    delegation.delegator = *accounts.delegator.address();
    delegation.stake = *stake.address();
    delegation.version = LAYOUT_VERSION;
    delegation.bump = ctx.bumps.delegation;
    Ok(())
}
