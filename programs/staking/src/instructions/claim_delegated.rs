use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, token};
use nosana_protocol::units::Amount;

use crate::{
    errors::{self, StakingError},
    events::DelegationClaimed,
    rewards,
    state::{Config, Delegation, Stake},
};

/// # Specification
/// - Anyone, to any token account that the delegator owns: so that a node need not wait for its
///   commission, nor keep a delegation that it has ended.
/// - What all delegations have earned is collected and spread; what this one has earned is paid,
///   less the commission, which the node is owed from now on. Fails if both are nothing.
#[derive(Accounts)]
pub struct ClaimDelegated {
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
    /// CHECK: the rewards program checks it.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the rewards program checks it.
    #[account(mut)]
    pub pool_vault: UncheckedAccount,
    /// CHECK: the address that the stake names; the rewards program checks its content.
    #[account(mut, address = stake.delegated_position @ StakingError::WrongAccount)]
    pub delegated_position: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<ClaimDelegated>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let income = rewards::harvest(
        &mut accounts.pool,
        &mut accounts.delegated_position,
        &mut accounts.pool_vault,
        &accounts.stake,
        &mut accounts.vault,
        &accounts.token_program,
    )?;
    let mut delegated = accounts.stake.delegations();
    let earned_by = delegated.earning;
    delegated.receive(Amount(income), earned_by).map_err(errors::overflow)?;
    let mut mine = accounts.delegation.rules();
    delegated.settle(&mut mine).map_err(errors::overflow)?;
    let amount = core::mem::take(&mut mine.accrued).0;
    // A node that keeps everything is still to get it.
    let owed = delegated.commission.0 > accounts.stake.commission_owed;
    require!(amount > 0 || owed, StakingError::NothingToClaim);
    accounts.delegation.store(&mine);
    accounts.stake.store_delegations(&delegated);
    errors::check(&accounts.stake)?;
    let event = DelegationClaimed {
        delegator: accounts.delegation.delegator,
        stake: accounts.delegation.stake,
        amount,
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
