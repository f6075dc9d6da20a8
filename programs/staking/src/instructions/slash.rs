use anchor_lang::{
    pinocchio::instruction::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed,
};
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, token};
use nosana_protocol::{
    slashing,
    units::{Amount, BasisPoints},
};

use crate::{
    errors::{self, StakingError},
    events::Slashed,
    rewards,
    state::{Config, Stake},
};

/// # Specification
/// - Only the jobs program's authority, and only what is locked: a slash needs `amount ≤ locked`.
/// - Lowers amount, lock and weight of the stake. What is delegated to it loses the same fraction,
///   cooldowns too, but together at most as much as the stake itself; see [`slashing::slash`].
///   Settles both positions with their new weights.
/// - The configuration's share of what the stake loses goes to `reporter_token`, if that can
///   receive NOS. All the rest becomes income of the reward pool, through its own `fund`.
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
    /// CHECK: the address that the stake names, if it names one; the rewards program checks its
    /// content.
    #[account(
        mut,
        constraint = stake.delegated_position == Address::default()
            || *delegated_position.address() == stake.delegated_position @ StakingError::WrongAccount
    )]
    pub delegated_position: UncheckedAccount,
    /// CHECK: whether it can be paid is asked before it is.
    #[account(mut)]
    pub reporter_token: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<Slash>, amount: u64, reason: u8) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let stake = &mut accounts.stake;
    let own = Amount(stake.in_vault().map_err(errors::overflow)?);
    stake.locked = stake.locked.checked_sub(amount).ok_or(StakingError::LockTooSmall)?;
    let mut delegated = stake.delegations();
    let share = BasisPoints(accounts.config.reporter_bps);
    let split =
        slashing::slash(Amount(amount), own, delegated.amount, share).map_err(errors::overflow)?;
    stake.amount = stake.amount.checked_sub(amount).ok_or(StakingError::Overflow)?;
    stake.slashed = stake.slashed.checked_add(amount).ok_or(StakingError::Overflow)?;
    stake.reweigh().map_err(errors::overflow)?;
    delegated.lose(split.delegated).map_err(errors::overflow)?;
    stake.weigh_delegations(&delegated).map_err(errors::overflow)?;
    errors::check(stake)?;

    rewards::sync_position(
        &mut accounts.pool,
        &mut accounts.position,
        &accounts.stake,
        &accounts.rewards_program,
    )?;
    if accounts.stake.delegated_position != Address::default() {
        let position = &mut accounts.delegated_position;
        rewards::sync_position(
            &mut accounts.pool,
            position,
            &accounts.stake,
            &accounts.rewards_program,
        )?;
    }
    let (reporter, pool) =
        if token::can_receive(accounts.reporter_token.account(), &accounts.config.nos_mint) {
            accounts.pay_reporter(split.reporter);
            (split.reporter, split.pool)
        } else {
            (Amount::ZERO, split.pool.plus(split.reporter).map_err(errors::overflow)?)
        };
    fund_rewards(accounts, pool.0);
    emit!(Slashed {
        owner: accounts.stake.owner,
        amount,
        remaining: accounts.stake.in_vault().map_err(errors::overflow)?,
        reason: reason.into(),
        delegated: split.delegated.0,
        reporter: reporter.0,
    });
    Ok(())
}

impl Slash {
    fn pay_reporter(&mut self, amount: Amount) {
        let bump = [self.config.bump];
        token::transfer(
            self.vault.cpi_handle_mut(),
            self.reporter_token.cpi_handle_mut(),
            self.config.cpi_handle(),
            amount.0,
            &[&Config::signer_seeds(&bump)],
        );
    }
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
