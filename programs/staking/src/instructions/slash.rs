use anchor_lang::{pinocchio::instruction::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed};
use anchor_spl::token::TokenAccount;
use nosana_onchain::ids;

use crate::{
    errors::{self, StakingError},
    events::Slashed,
    rewards,
    state::{Config, Stake},
};

/// # Specification
/// - Only the jobs program's authority, and only what is locked: a slash needs `amount ≤ locked`.
/// - Lowers amount, lock and weight; settles the position in the reward pool with the new weight.
/// - The tokens become income of the reward pool, through its own `fund`.
#[derive(Accounts)]
pub struct Slash {
    /// A PDA of the jobs program.
    #[account(address = ids::JOBS_AUTHORITY @ StakingError::NotJobsAuthority)]
    pub jobs_authority: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(mut)]
    pub stake: Account<Stake>,
    #[account(mut, address = config.vault @ StakingError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the rewards program checks it.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the rewards program checks it.
    #[account(mut)]
    pub pool_vault: UncheckedAccount,
    /// CHECK: the address that the stake names; the rewards program checks its content.
    #[account(mut, address = stake.position @ StakingError::WrongAccount)]
    pub position: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<Slash>, amount: u64, reason: u8) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let stake = &mut accounts.stake;
    stake.locked = stake.locked.checked_sub(amount).ok_or(StakingError::LockTooSmall)?;
    stake.amount = stake.amount.checked_sub(amount).ok_or(StakingError::Overflow)?;
    stake.slashed = stake.slashed.checked_add(amount).ok_or(StakingError::Overflow)?;
    stake.reweigh().map_err(errors::overflow)?;
    errors::check(stake)?;
    let event = Slashed {
        owner: stake.owner,
        amount,
        remaining: stake.in_vault().map_err(errors::overflow)?,
        reason: reason.into(),
    };

    rewards::sync_position(&mut accounts.pool, &mut accounts.position, &accounts.stake, &accounts.rewards_program)?;
    fund_rewards(accounts, amount);
    emit!(event);
    Ok(())
}

/// Calls `fund` of the rewards program with the vault as the source.
fn fund_rewards(accounts: &mut Slash, amount: u64) {
    let mut data = [0_u8; 16];
    let (tag, rest) = data.split_at_mut(8);
    tag.copy_from_slice(&rewards::FUND);
    rest.copy_from_slice(&amount.to_le_bytes());
    let bump = [accounts.config.bump];
    let pool = accounts.pool.cpi_handle_mut();
    let pool_vault = accounts.pool_vault.cpi_handle_mut();
    let vault = accounts.vault.cpi_handle_mut();
    let config = accounts.config.cpi_handle();
    let token_program = accounts.token_program.cpi_handle();
    unchecked_invoke_signed_fixed(
        &ids::REWARDS,
        &data,
        &[
            InstructionAccount::readonly_signer(config.address()),
            InstructionAccount::writable(pool.address()),
            InstructionAccount::writable(pool_vault.address()),
            InstructionAccount::writable(vault.address()),
            InstructionAccount::readonly(token_program.address()),
        ],
        &[config, pool.into(), pool_vault.into(), vault.into(), token_program],
        &[&Config::signer_seeds(&bump)],
    );
}
