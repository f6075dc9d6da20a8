use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, unix_now};
use nosana_protocol::{
    delegation,
    units::{Amount, Seconds, UnixTimestamp},
};

use crate::{
    cpi_calls,
    errors::{StakingError, overflow_error},
    events::Undelegated,
    state::{Config, Delegation, Stake, StakeInvariant},
};

/// # Specification
/// - Only the delegator; only once.
/// - The owner of the stake may do it only for shares that a slash left worthless, because those
///   block new deposits. For other shares it would stop what a delegator earns for a whole
///   cooldown.
/// - The cooldown begins. What all delegations have earned is collected and spread first. From then
///   on the shares earn nothing and have no weight, but a slash still takes its part of them.
/// - Calls the rewards program; [`undelegate_unsettled`](super::undelegate_unsettled) does not.
#[derive(Accounts)]
pub struct Undelegate {
    #[account(
        constraint = *authority.address() == delegation.delegator
            || *authority.address() == stake.owner @ StakingError::NotDelegator
    )]
    pub authority: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(mut, address = delegation.stake @ StakingError::WrongAccount)]
    pub stake: Account<Stake>,
    #[account(mut)]
    pub delegation: Account<Delegation>,
    #[account(mut, address = config.vault @ StakingError::WrongAccount)]
    pub vault: Account<TokenAccount>,
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

pub fn process_undelegate(ctx: &mut Context<Undelegate>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    require!(!accounts.delegation.is_undelegated(), StakingError::AlreadyUndelegated);
    let mut delegation = accounts.delegation.to_protocol();
    let mut delegated = accounts.stake.to_delegated();
    let is_worthless = delegation.shares > 0
        && delegated.value_of(delegation.shares).map_err(overflow_error)?.0 == 0;
    let by_delegator = *accounts.authority.address() == accounts.delegation.delegator;
    require!(by_delegator || is_worthless, StakingError::NotDelegator);

    // The harvest reads the new weight, and pays for the time before it.
    let earned_by = delegated.earning;
    let weight_before = accounts.stake.delegated_xnos;
    delegated.start_cooldown(delegation.shares).map_err(overflow_error)?;
    accounts.stake.store_delegated_and_weight(&delegated).map_err(overflow_error)?;
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
    delegated.settle_delegation(&mut delegation).map_err(overflow_error)?;

    store_cooldown(
        &mut accounts.stake,
        &mut accounts.delegation,
        (&delegated, &delegation),
        UnixTimestamp(now),
    )
}

/// Stores what the protocol computed for a delegation whose cooldown starts at `begin`, and emits
/// the event.
pub fn store_cooldown(
    stake: &mut Stake,
    stored: &mut Delegation,
    (delegated, delegation): (&delegation::Delegated, &delegation::Delegation),
    begin: UnixTimestamp,
) -> Result<()> {
    stored.store_protocol(delegation);
    stored.undelegated_at = begin.0;
    stake.store_delegated(delegated);
    stake.invariant()?;
    stored.invariant(stake)?;

    let duration = Seconds(stored.duration_seconds);
    log_event(Undelegated {
        delegator: stored.delegator,
        stake: stored.stake,
        amount: delegated.value_of(delegation.shares).map_err(overflow_error)?.0,
        undelegated_at: begin.0,
        released_at: begin.checked_add(duration).map_err(overflow_error)?.0,
    });
    Ok(())
}
