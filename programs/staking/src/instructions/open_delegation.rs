use anchor_lang::prelude::*;
use nosana_protocol::seeds;

use crate::{
    constants::VERSION,
    errors::StakingError,
    state::{Delegation, Stake},
};

/// # Specification
/// - Anyone, once for each stake, while the stake accepts delegations: an owner who wants to close
///   it can shut that door. It holds nothing until `delegate`, and agrees to nothing.
#[derive(Accounts)]
pub struct OpenDelegation {
    /// Will own it; pays the rent.
    #[account(mut)]
    pub delegator: Signer,
    #[account(mut, constraint = stake.accepts_delegation != 0 @ StakingError::NotAccepting)]
    pub stake: Account<Stake>,
    #[account(init, payer = delegator, seeds = [seeds::DELEGATION, stake, delegator], bump)]
    pub delegation: Account<Delegation>,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<OpenDelegation>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let count = accounts.stake.delegation_count.checked_add(1).ok_or(StakingError::Overflow)?;
    accounts.stake.delegation_count = count;
    let delegation = &mut accounts.delegation;
    delegation.delegator = *accounts.delegator.address();
    delegation.stake = *accounts.stake.address();
    delegation.version = VERSION;
    delegation.bump = ctx.bumps.delegation;
    Ok(())
}
