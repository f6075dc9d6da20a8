use anchor_lang::prelude::*;
use nosana_program_common::ids;
use nosana_protocol::xnos;

use crate::{
    errors::{self, StakingError},
    events::Extended,
    rewards,
    state::{Config, Stake},
};

/// # Specification
/// - Only the owner, only while the stake is not in its cooldown, not while entry is paused.
/// - The cooldown becomes longer, up to 365 days: a shorter one would take back what its weight had
///   promised.
/// - The position is settled with the new weight.
#[derive(Accounts)]
pub struct Extend {
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

pub fn handler(ctx: &mut Context<Extend>, duration_seconds: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    let stake = &mut accounts.stake;
    require!(!stake.is_unstaked(), StakingError::AlreadyUnstaked);
    require!(duration_seconds <= xnos::MAX_DURATION.0, StakingError::DurationOutOfRange);
    require!(duration_seconds > stake.duration_seconds, StakingError::NotLonger);
    stake.duration_seconds = duration_seconds;
    stake.reweigh().map_err(errors::overflow)?;
    errors::check(stake)?;
    let event = Extended { owner: stake.owner, duration_seconds, xnos: stake.xnos };
    rewards::sync_position(
        &mut accounts.pool,
        &mut accounts.position,
        &accounts.stake,
        &accounts.rewards_program,
    )?;
    emit!(event);
    Ok(())
}
