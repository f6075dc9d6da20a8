use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, now, token};

use crate::{
    errors::{self, StakingError},
    events::Withdrawn,
    state::{Config, Stake},
};

/// # Specification
/// - Only the owner, to any token account of NOS; only in the cooldown.
/// - Pays `floor(amount × elapsed / duration) − withdrawn`, but never what is locked; all of it
///   once the cooldown is over.
/// - Fails if that is nothing, so that a client does not pay for an empty transaction.
#[derive(Accounts)]
pub struct Withdraw {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(mut)]
    pub stake: Account<Stake>,
    #[account(mut, address = config.vault @ StakingError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the owner's choice; the token program checks it.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<Withdraw>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    let stake = &mut accounts.stake;
    require!(stake.is_unstaked(), StakingError::NotUnstaked);
    let amount = stake.withdrawable(now).map_err(errors::overflow)?;
    require!(amount > 0, StakingError::NothingToWithdraw);
    stake.withdrawn = stake.withdrawn.checked_add(amount).ok_or(StakingError::Overflow)?;
    errors::check(stake)?;
    let event = Withdrawn {
        owner: stake.owner,
        amount,
        remaining: stake.in_vault().map_err(errors::overflow)?,
    };

    let bump = [accounts.config.bump];
    token::transfer(
        accounts.vault.cpi_handle_mut(),
        accounts.destination.cpi_handle_mut(),
        accounts.config.cpi_handle(),
        amount,
        &[&Config::signer_seeds(&bump)],
    );
    emit!(event);
    Ok(())
}
