use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, token};
use nosana_protocol::units::Amount;

use crate::{
    cpi_calls,
    errors::{StakingError, overflow_error},
    events::DelegationClaimed,
    state::{Config, Delegation, Stake, StakeInvariant},
    vault,
};

/// # Specification
/// - Anyone, to any token account that the delegator owns. So a node neither waits for its
///   commission nor keeps a delegation that it wants to end.
/// - Collects what all delegations have earned and spreads it over them. Pays what this delegation
///   has earned, less the commission, which the node is owed from then on. Fails if both are
///   nothing.
/// - In the cooldown the delegation earns nothing, so there is nothing to collect: what it has
///   earned lies in this program's vault, and the rewards program is not called.
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
    /// CHECK: a token account of the delegator, compared here; the token program checks the rest.
    #[account(
        mut,
        constraint = token::belongs_to(destination.account(), &delegation.delegator)
            @ StakingError::NotDelegatorsAccount
    )]
    pub destination: UncheckedAccount,
    /// CHECK: the rewards program checks it.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the reward pool's vault, whose address is fixed.
    #[account(mut, address = ids::POOL_VAULT @ StakingError::WrongAccount)]
    pub pool_vault: UncheckedAccount,
    /// CHECK: the address that the stake names; the rewards program checks its content.
    #[account(mut, address = stake.delegated_position @ StakingError::WrongAccount)]
    pub delegated_position: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_claim_delegated(ctx: &mut Context<ClaimDelegated>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let mut delegated = accounts.stake.to_delegated();
    if !accounts.delegation.is_undelegated() {
        let weight_before = accounts.stake.delegated_xnos;
        let income = cpi_calls::harvest_delegations(
            &mut accounts.pool,
            &mut accounts.delegated_position,
            &mut accounts.pool_vault,
            &mut accounts.stake,
            weight_before,
            &mut accounts.vault,
            &accounts.token_program,
        )?;
        let earned_by = delegated.earning;
        delegated.receive_income(Amount(income), earned_by).map_err(overflow_error)?;
    }

    let mut delegation = accounts.delegation.to_protocol();
    delegated.settle_delegation(&mut delegation).map_err(overflow_error)?;
    let amount = core::mem::take(&mut delegation.accrued).0;

    // A node whose commission is everything must still be able to get it.
    let has_commission = delegated.commission.0 > accounts.stake.commission_owed;
    require!(amount > 0 || has_commission, StakingError::NothingToClaim);

    accounts.delegation.store_protocol(&delegation);
    accounts.stake.store_delegated(&delegated);
    accounts.stake.invariant()?;
    accounts.delegation.invariant(&accounts.stake)?;

    let event = DelegationClaimed {
        delegator: accounts.delegation.delegator,
        stake: accounts.delegation.stake,
        amount,
    };
    vault::pay_tokens(&accounts.config, &mut accounts.vault, &mut accounts.destination, amount);

    log_event(event);
    Ok(())
}
