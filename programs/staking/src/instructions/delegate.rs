use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids};
use nosana_protocol::units::{Amount, BasisPoints};

use crate::{
    cpi_calls,
    errors::{StakingError, overflow_error},
    events::Delegated,
    state::{Config, Delegation, Stake, StakeInvariant},
    vault,
};

/// # Specification
/// - Only the delegator, not while entry is paused; at least the minimum.
/// - Only to a stake that accepts delegations and is not in its cooldown, at a commission of at
///   most `max_commission_bps` and for a cooldown of at most `max_duration_seconds`.
/// - Not while the delegation is in its cooldown, nor while a slash has left the stake's shares
///   worthless.
/// - `amount` moves from `source` to the vault and buys shares at their current worth, rounded
///   down.
/// - Collects what all delegations have earned and spreads it over the shares that earned it,
///   before the new shares count. What this delegation has earned is settled under its previous
///   commission. Then the stake's current commission and cooldown apply to it.
#[derive(Accounts)]
pub struct Delegate {
    #[account(address = delegation.delegator @ StakingError::NotDelegator)]
    pub delegator: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(
        mut,
        address = delegation.stake @ StakingError::WrongAccount,
        constraint = stake.accepts_delegation != 0 @ StakingError::NotAccepting
    )]
    pub stake: Account<Stake>,
    #[account(mut)]
    pub delegation: Account<Delegation>,
    #[account(mut, address = config.vault @ StakingError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the token program checks it when it transfers.
    #[account(mut)]
    pub source: UncheckedAccount,
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

pub fn process_delegate(
    ctx: &mut Context<Delegate>,
    amount: u64,
    max_commission_bps: u16,
    max_duration_seconds: u64,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    require!(amount >= accounts.config.min_stake, StakingError::AmountTooSmall);
    let stake = &mut accounts.stake;
    require!(!stake.is_unstaked(), StakingError::AlreadyUnstaked);
    require!(stake.commission_bps <= max_commission_bps, StakingError::CommissionTooHigh);
    require!(
        stake.delegated_duration_seconds <= max_duration_seconds,
        StakingError::CooldownTooLong
    );
    require!(!accounts.delegation.is_undelegated(), StakingError::AlreadyUndelegated);
    require!(stake.delegated_shares == 0 || stake.delegated > 0, StakingError::WorthlessShares);

    vault::deposit_tokens(&mut accounts.vault, &mut accounts.source, &accounts.delegator, amount);

    // The harvest reads the new weight, and pays for the time before it.
    let weight_before = stake.delegated_xnos;
    let mut delegated = stake.to_delegated();
    let earned_by = delegated.earning;
    let bought = delegated.buy_shares(Amount(amount)).map_err(overflow_error)?;
    stake.store_delegated_and_weight(&delegated).map_err(overflow_error)?;
    let income = cpi_calls::harvest_delegations(
        &mut accounts.pool,
        &mut accounts.delegated_position,
        &mut accounts.pool_vault,
        &mut accounts.stake,
        weight_before,
        &mut accounts.vault,
        &accounts.token_program,
    )?;
    delegated.receive_income(Amount(income), earned_by).map_err(overflow_error)?;

    let mut delegation = accounts.delegation.to_protocol();
    delegated.settle_delegation(&mut delegation).map_err(overflow_error)?;
    delegation.shares = delegation.shares.checked_add(bought).ok_or(StakingError::Overflow)?;
    delegation.commission = BasisPoints(accounts.stake.commission_bps);

    accounts.delegation.store_protocol(&delegation);
    accounts.delegation.duration_seconds = accounts.stake.delegated_duration_seconds;
    accounts.stake.store_delegated(&delegated);
    accounts.stake.invariant()?;
    accounts.delegation.invariant(&accounts.stake)?;

    log_event(Delegated {
        delegator: accounts.delegation.delegator,
        stake: accounts.delegation.stake,
        amount,
        shares: bought,
        delegated: accounts.stake.delegated,
        delegated_xnos: accounts.stake.delegated_xnos,
    });
    Ok(())
}
