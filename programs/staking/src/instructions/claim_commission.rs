use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, token};

use crate::{
    errors::StakingError,
    events::CommissionClaimed,
    state::{Config, Stake},
};

/// # Specification
/// - Only the owner of the stake, to any token account of NOS.
/// - Pays the commission of all that delegations have claimed or settled until now; fails if that
///   is nothing. To settle one, claim for it.
#[derive(Accounts)]
pub struct ClaimCommission {
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

pub fn handler(ctx: &mut Context<ClaimCommission>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = core::mem::take(&mut accounts.stake.commission_owed);
    require!(amount > 0, StakingError::NothingToClaim);
    let event = CommissionClaimed { owner: accounts.stake.owner, amount };
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
