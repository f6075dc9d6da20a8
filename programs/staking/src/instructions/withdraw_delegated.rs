use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, token, unix_now};
use nosana_protocol::units::{Seconds, UnixTimestamp};

use crate::{
    errors::{StakingError, overflow_error},
    events::DelegationWithdrawn,
    state::{Config, Delegation, Stake, StakeInvariant},
    vault,
};

/// # Specification
/// - To any token account that the delegator owns; only in the cooldown. Before it is over only the
///   delegator: each withdrawal rounds against the delegation, and strangers could wear it down.
///   Then anyone, so that nobody waits for a delegator who does not come back.
/// - Pays what the cooldown has released of the delegation: its worth plus what was withdrawn
///   before is released linearly over the duration. Costs shares, rounded up.
/// - Fails if that is nothing.
#[derive(Accounts)]
pub struct WithdrawDelegated {
    /// The delegator, or, once the cooldown is over, anyone.
    pub authority: Signer,
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
    pub token_program: Program<Token>,
}

pub fn process_withdraw_delegated(ctx: &mut Context<WithdrawDelegated>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    require!(accounts.delegation.is_undelegated(), StakingError::NotUndelegated);

    let duration = Seconds(accounts.delegation.duration_seconds);
    let elapsed =
        UnixTimestamp(now).seconds_since(UnixTimestamp(accounts.delegation.undelegated_at));
    let by_delegator = *accounts.authority.address() == accounts.delegation.delegator;
    require!(by_delegator || elapsed >= duration, StakingError::CooldownRuns);

    let mut delegation = accounts.delegation.to_protocol();
    let mut delegated = accounts.stake.to_delegated();
    let amount =
        delegated.withdrawable_amount(&delegation, duration, elapsed).map_err(overflow_error)?;
    require!(amount.0 > 0, StakingError::NothingToWithdraw);
    delegated.sell_shares(&mut delegation, amount).map_err(overflow_error)?;

    accounts.delegation.store_protocol(&delegation);
    accounts.stake.store_delegated(&delegated);
    accounts.stake.invariant()?;
    accounts.delegation.invariant(&accounts.stake)?;

    let event = DelegationWithdrawn {
        delegator: accounts.delegation.delegator,
        stake: accounts.delegation.stake,
        amount: amount.0,
        remaining: delegated.value_of(delegation.shares).map_err(overflow_error)?.0,
    };
    vault::pay_tokens(&accounts.config, &mut accounts.vault, &mut accounts.destination, amount.0);

    log_event(event);
    Ok(())
}
