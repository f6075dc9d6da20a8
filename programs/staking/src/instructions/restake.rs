use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{
    errors::{self, StakingError},
    events::Restaked,
    rewards,
    state::{Config, Stake},
};

/// # Specification
/// - Only the owner, only in the cooldown, not while entry is paused.
/// - What is still in the vault, at least the minimum, is staked again for the same duration; the
///   cooldown is over, and a later one begins anew. The position is settled with the weight. Locked
///   collateral stays locked.
#[derive(Accounts)]
pub struct Restake {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(mut)]
    pub stake: Account<Stake>,
    /// CHECK: the rewards program checks it; without a position nothing reads it.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the address that the stake names; the rewards program checks its content.
    #[account(mut, address = stake.position @ StakingError::WrongAccount)]
    pub position: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
}

pub fn handler(ctx: &mut Context<Restake>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    let stake = &mut accounts.stake;
    require!(stake.is_unstaked(), StakingError::NotUnstaked);
    stake.amount = stake.in_vault().map_err(errors::overflow)?;
    require!(stake.amount >= accounts.config.min_stake, StakingError::AmountTooSmall);
    stake.withdrawn = 0;
    stake.unstaked_at = 0;
    stake.reweigh().map_err(errors::overflow)?;
    errors::check(stake)?;
    let event = Restaked { owner: stake.owner, amount: stake.amount, xnos: stake.xnos };
    rewards::sync_position(
        &mut accounts.pool,
        &mut accounts.position,
        &accounts.stake,
        &accounts.rewards_program,
    )?;
    emit!(event);
    Ok(())
}
