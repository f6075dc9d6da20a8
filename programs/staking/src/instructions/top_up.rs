use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, token};

use crate::{
    errors::{self, StakingError},
    events::ToppedUp,
    rewards,
    state::{Config, Stake},
};

/// # Specification
/// - Only the owner, only while the stake is not in its cooldown, not while entry is paused; more
///   than nothing.
/// - Once a cooldown has paid out everything, the stake begins anew with `amount`, at least the
///   minimum: an owner need not wait for those who still delegate to close their delegations.
/// - `amount` moves from `source` to the vault; the weight is that of the whole amount, and the
///   position is settled with it.
#[derive(Accounts)]
pub struct TopUp {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(mut)]
    pub stake: Account<Stake>,
    #[account(mut, address = config.vault @ StakingError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the token program checks it when it pays.
    #[account(mut)]
    pub source: UncheckedAccount,
    /// CHECK: the rewards program checks it; without a position nothing reads it.
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

pub fn handler(ctx: &mut Context<TopUp>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    require!(amount > 0, StakingError::AmountTooSmall);
    if accounts.stake.is_spent().map_err(errors::overflow)? {
        require!(amount >= accounts.config.min_stake, StakingError::AmountTooSmall);
        accounts.stake.begin_anew();
    }
    let event = add(&mut accounts.stake, amount)?;
    token::transfer(
        accounts.source.cpi_handle_mut(),
        accounts.vault.cpi_handle_mut(),
        accounts.owner.cpi_handle(),
        amount,
        &[],
    );
    rewards::sync_position(
        &mut accounts.pool,
        &mut accounts.position,
        &accounts.stake,
        &accounts.rewards_program,
    )?;
    emit!(event);
    Ok(())
}

/// Adds `amount` base units to a stake that is not in its cooldown.
pub fn add(stake: &mut Stake, amount: u64) -> Result<ToppedUp> {
    require!(!stake.is_unstaked(), StakingError::AlreadyUnstaked);
    stake.amount = stake.amount.checked_add(amount).ok_or(StakingError::Overflow)?;
    stake.reweigh().map_err(errors::overflow)?;
    errors::check(stake)?;
    Ok(ToppedUp { owner: stake.owner, added: amount, amount: stake.amount, xnos: stake.xnos })
}
