use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids};

use super::top_up::increase_stake;
use crate::{
    cpi_calls,
    errors::StakingError,
    state::{Config, Stake},
};

/// # Specification
/// - Only the owner, only while the stake is not in its cooldown, not while entry is paused.
/// - Claims everything that the stake's position has earned into the vault, and adds it to the
///   stake. What counts is what arrived there. Fails if there is no position, or if it has earned
///   nothing.
/// - The position is settled with the new weight.
#[derive(Accounts)]
pub struct Compound {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(mut)]
    pub stake: Account<Stake>,
    #[account(mut, address = config.vault @ StakingError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the reward pool's vault, whose address is fixed.
    #[account(mut, address = ids::POOL_VAULT @ StakingError::WrongAccount)]
    pub pool_vault: UncheckedAccount,
    /// CHECK: the rewards program checks it; nothing reads it if there is no position.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the address that the stake names; the rewards program checks its content.
    #[account(mut, address = stake.position @ StakingError::WrongAccount)]
    pub position: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_compound(ctx: &mut Context<Compound>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    require!(accounts.position.account().owned_by(&ids::REWARDS), StakingError::NoPosition);

    let before = accounts.vault.amount();
    cpi_calls::claim_rewards(
        accounts.owner.cpi_handle(),
        accounts.pool.cpi_handle_mut(),
        accounts.position.cpi_handle_mut(),
        accounts.stake.cpi_handle(),
        accounts.pool_vault.cpi_handle_mut(),
        accounts.vault.cpi_handle_mut(),
        accounts.token_program.cpi_handle(),
    );
    let earned = accounts.vault.amount().checked_sub(before).ok_or(StakingError::Overflow)?;

    let weight_before = accounts.stake.xnos;
    let event = increase_stake(&mut accounts.stake, earned)?;
    cpi_calls::sync_position(
        &mut accounts.pool,
        &mut accounts.position,
        &mut accounts.stake,
        weight_before,
    );

    log_event(event);
    Ok(())
}
