use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids};

use crate::{
    cpi_calls,
    errors::{StakingError, overflow_error},
    events::ToppedUp,
    state::{Config, Stake, StakeInvariant},
    vault,
};

/// # Specification
/// - Only the owner, only while the stake is not in its cooldown, not while entry is paused; more
///   than nothing.
/// - Once a cooldown has paid out everything, the stake starts again with `amount`, at least the
///   minimum. So an owner does not have to wait until all delegations are closed.
/// - `amount` moves from `source` to the vault. The weight is that of the whole amount, and the
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
    /// CHECK: the token program checks it when it transfers.
    #[account(mut)]
    pub source: UncheckedAccount,
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

pub fn process_top_up(ctx: &mut Context<TopUp>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    require!(amount > 0, StakingError::AmountTooSmall);

    if accounts.stake.is_spent().map_err(overflow_error)? {
        require!(amount >= accounts.config.min_stake, StakingError::AmountTooSmall);
        accounts.stake.reset_spent();
    }
    let weight_before = accounts.stake.xnos;
    let event = increase_stake(&mut accounts.stake, amount)?;

    vault::deposit_tokens(&mut accounts.vault, &mut accounts.source, &accounts.owner, amount);
    cpi_calls::sync_position(
        &mut accounts.pool,
        &mut accounts.position,
        &mut accounts.stake,
        weight_before,
    );

    log_event(event);
    Ok(())
}

/// Adds `amount` base units to a stake that is not in its cooldown, and returns the event to emit.
pub fn increase_stake(stake: &mut Stake, amount: u64) -> Result<ToppedUp> {
    require!(!stake.is_unstaked(), StakingError::AlreadyUnstaked);

    stake.amount = stake.amount.checked_add(amount).ok_or(StakingError::Overflow)?;
    stake.update_weight().map_err(overflow_error)?;
    stake.invariant()?;

    Ok(ToppedUp { owner: stake.owner, added: amount, amount: stake.amount, xnos: stake.xnos })
}
