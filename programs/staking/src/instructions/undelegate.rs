use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, now};
use nosana_protocol::units::{Amount, Seconds, UnixTimestamp};

use crate::{
    errors::{self, StakingError},
    events::Undelegated,
    rewards,
    state::{Config, Delegation, Stake},
};

/// # Specification
/// - Only the delegator; only once. The owner of the stake may do it for shares that a slash left
///   without worth: they keep new ones from being bought. Were it the owner's choice for others, it
///   could stop what they earn for a whole cooldown.
/// - The cooldown begins. What all delegations have earned is collected and spread first; from now
///   on the shares earn nothing and count for nothing, but a slash still takes its part of them.
#[derive(Accounts)]
pub struct Undelegate {
    #[account(
        constraint = *authority.address() == delegation.delegator || *authority.address() == stake.owner
            @ StakingError::NotDelegator
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

pub fn handler(ctx: &mut Context<Undelegate>) -> Result<()> {
    let now = now()?;
    let accounts = &mut ctx.accounts;
    require!(!accounts.delegation.is_undelegated(), StakingError::AlreadyUndelegated);
    let mut mine = accounts.delegation.rules();
    let mut delegated = accounts.stake.delegations();
    let worthless =
        mine.shares > 0 && delegated.value(mine.shares).map_err(errors::overflow)?.0 == 0;
    let by_delegator = *accounts.authority.address() == accounts.delegation.delegator;
    require!(by_delegator || worthless, StakingError::NotDelegator);
    let earned_by = delegated.earning;
    delegated.cool_down(mine.shares).map_err(errors::overflow)?;
    accounts.stake.weigh_delegations(&delegated).map_err(errors::overflow)?;
    let income = rewards::harvest(
        &mut accounts.pool,
        &mut accounts.delegated_position,
        &mut accounts.pool_vault,
        &accounts.stake,
        &mut accounts.vault,
        &accounts.token_program,
    )?;
    delegated.receive(Amount(income), earned_by).map_err(errors::overflow)?;
    delegated.settle(&mut mine).map_err(errors::overflow)?;
    accounts.stake.store_delegations(&delegated);
    errors::check(&accounts.stake)?;
    let delegation = &mut accounts.delegation;
    delegation.store(&mine);
    delegation.undelegated_at = now;
    let released_at =
        UnixTimestamp(now).after(Seconds(delegation.duration_seconds)).map_err(errors::overflow)?.0;
    emit!(Undelegated {
        delegator: delegation.delegator,
        stake: delegation.stake,
        amount: delegated.value(mine.shares).map_err(errors::overflow)?.0,
        undelegated_at: now,
        released_at,
    });
    Ok(())
}
