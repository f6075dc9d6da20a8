use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, now, token};
use nosana_protocol::units::{Seconds, UnixTimestamp};

use crate::{
    errors::{self, StakingError},
    events::DelegationWithdrawn,
    state::{Config, Delegation, Stake},
};

/// # Specification
/// - Anyone, to any token account that the delegator owns; only in the cooldown.
/// - Pays what the cooldown has released of the delegation's worth: it and what was withdrawn are
///   released along a straight line. Costs shares, rounded up. Fails if that is nothing.
#[derive(Accounts)]
pub struct WithdrawDelegated {
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(mut, address = delegation.stake @ StakingError::WrongAccount)]
    pub stake: Account<Stake>,
    #[account(mut)]
    pub delegation: Account<Delegation>,
    #[account(mut, address = config.vault @ StakingError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: whose it is, is asked; the token program checks the rest.
    #[account(
        mut,
        constraint = token::belongs_to(destination.account(), &delegation.delegator)
            @ StakingError::NotDelegatorsAccount
    )]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<WithdrawDelegated>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    let delegation = &mut accounts.delegation;
    require!(delegation.is_undelegated(), StakingError::NotUndelegated);
    let (duration, elapsed) = (
        Seconds(delegation.duration_seconds),
        UnixTimestamp(now).since(UnixTimestamp(delegation.undelegated_at)),
    );
    let mut mine = delegation.rules();
    let mut delegated = accounts.stake.delegations();
    let amount = delegated.withdrawable(&mine, duration, elapsed).map_err(errors::overflow)?;
    require!(amount.0 > 0, StakingError::NothingToWithdraw);
    delegated.take_out(&mut mine, amount).map_err(errors::overflow)?;
    delegation.store(&mine);
    accounts.stake.store_delegations(&delegated);
    errors::check(&accounts.stake)?;
    let event = DelegationWithdrawn {
        delegator: delegation.delegator,
        stake: delegation.stake,
        amount: amount.0,
        remaining: delegated.value(mine.shares).map_err(errors::overflow)?.0,
    };

    let bump = [accounts.config.bump];
    token::transfer(
        accounts.vault.cpi_handle_mut(),
        accounts.destination.cpi_handle_mut(),
        accounts.config.cpi_handle(),
        amount.0,
        &[&Config::signer_seeds(&bump)],
    );
    emit!(event);
    Ok(())
}
