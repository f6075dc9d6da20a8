use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids};
use nosana_protocol::{seeds, xnos};

use crate::{
    constants::LAYOUT_VERSION,
    cpi_calls,
    errors::{StakingError, overflow_error},
    events::Staked,
    state::{Config, Stake, StakeInvariant},
    vault,
};

/// # Specification
/// - One stake per owner; it must not exist yet. Not while entry is paused.
/// - `amount` is at least the minimum; `duration_seconds` is between 14 and 365 days.
/// - `amount` moves from the owner's token account to the vault.
/// - The weight is `xnos::stake_weight(amount, duration)`.
/// - If the owner still has a position in the reward pool, it is settled with the new weight.
#[derive(Accounts)]
pub struct OpenStake {
    /// Owns the stake; pays the rent.
    #[account(mut)]
    pub owner: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(init, payer = owner, seeds = [seeds::STAKE, owner], bump)]
    pub stake: Account<Stake>,
    #[account(mut, address = config.vault @ StakingError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the token program checks it when it transfers.
    #[account(mut)]
    pub source: UncheckedAccount,
    /// CHECK: the rewards program checks it; nothing reads it if there is no position.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: derived here; the rewards program checks its content.
    #[account(mut, seeds = [seeds::POSITION, owner], bump, seeds::program = ids::REWARDS)]
    pub position: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn process_open_stake(
    ctx: &mut Context<OpenStake>,
    amount: u64,
    duration_seconds: u64,
) -> Result<()> {
    require!(
        (xnos::MIN_DURATION.0..=xnos::MAX_DURATION.0).contains(&duration_seconds),
        StakingError::DurationOutOfRange
    );
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    require!(amount >= accounts.config.min_stake, StakingError::AmountTooSmall);

    let stake = &mut accounts.stake;
    stake.owner = *accounts.owner.address();
    stake.position = *accounts.position.address();
    stake.amount = amount;
    stake.duration_seconds = duration_seconds;
    stake.version = LAYOUT_VERSION;
    stake.bump = ctx.bumps.stake;
    stake.update_weight().map_err(overflow_error)?;
    stake.invariant()?;

    let event = Staked { owner: stake.owner, amount, duration_seconds, xnos: stake.xnos };
    vault::deposit_tokens(&mut accounts.vault, &mut accounts.source, &accounts.owner, amount);

    // A position that a previous stake of the owner left unsettled has earned nothing since.
    cpi_calls::sync_position(&mut accounts.pool, &mut accounts.position, &mut accounts.stake, 0);

    log_event(event);
    Ok(())
}
