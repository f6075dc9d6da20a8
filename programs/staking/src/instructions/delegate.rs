use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, token};
use nosana_protocol::units::{Amount, BasisPoints};

use crate::{
    errors::{self, StakingError},
    events::Delegated,
    rewards,
    state::{Config, Delegation, Stake},
};

/// # Specification
/// - Only the delegator, not while entry is paused; to a stake that accepts delegations and is not
///   in its cooldown, at a commission of at most `max_commission_bps` and for a cooldown of at most
///   `max_duration_seconds`; at least the minimum; not while the delegation is in its cooldown.
/// - `amount` moves from `source` to the vault and buys shares at what they are worth now, rounded
///   down.
/// - What all delegations have earned is collected and spread over those who earned it, before the
///   new shares count; what this one has earned is settled under the commission of before. The
///   stake's commission and cooldown of now are its own from here on.
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
    /// CHECK: the token program checks it when it pays.
    #[account(mut)]
    pub source: UncheckedAccount,
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

pub fn handler(
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
    token::transfer(
        accounts.source.cpi_handle_mut(),
        accounts.vault.cpi_handle_mut(),
        accounts.delegator.cpi_handle(),
        amount,
        &[],
    );

    // The harvest reads the new weight, and pays for the time before it.
    let mut delegated = stake.delegations();
    let earned_by = delegated.earning;
    let bought = delegated.put_in(Amount(amount)).map_err(errors::overflow)?;
    stake.weigh_delegations(&delegated).map_err(errors::overflow)?;
    let income = rewards::harvest(
        &mut accounts.pool,
        &mut accounts.delegated_position,
        &mut accounts.pool_vault,
        &accounts.stake,
        &mut accounts.vault,
        &accounts.token_program,
    )?;
    delegated.receive(Amount(income), earned_by).map_err(errors::overflow)?;
    let mut mine = accounts.delegation.rules();
    delegated.settle(&mut mine).map_err(errors::overflow)?;
    mine.shares = mine.shares.checked_add(bought).ok_or(StakingError::Overflow)?;
    mine.commission = BasisPoints(accounts.stake.commission_bps);
    accounts.delegation.store(&mine);
    accounts.delegation.duration_seconds = accounts.stake.delegated_duration_seconds;
    accounts.stake.store_delegations(&delegated);
    errors::check(&accounts.stake)?;
    emit!(Delegated {
        delegator: accounts.delegation.delegator,
        stake: accounts.delegation.stake,
        amount,
        shares: bought,
        delegated: accounts.stake.delegated,
        delegated_xnos: accounts.stake.delegated_xnos,
    });
    Ok(())
}
