use anchor_lang::prelude::*;
use nosana_program_common::{
    event::log_event,
    ids,
    stake::{Stake, read_stake},
    unix_now,
};
use nosana_protocol::rewards::StakeWeight;

use crate::{
    errors::{RewardsError, overflow_error, unreadable_stake_error},
    events::Synced,
    state::{Pool, Position},
};

/// # Specification
/// - Anyone may call it. It takes nothing from a position that has the weight of its stake: what it
///   earned under its previous weight is settled first. If the stake lost weight without settling
///   the position, what the position earned since its last settlement counts at the weight that is
///   left, and the rest is income for the next epoch.
/// - The new weight is the xNOS of the stake that the position names, or, if that stake is its
///   owner, the xNOS delegated to it; zero if the stake was closed. Fails if the account cannot be
///   read as a stake: the position keeps its weight.
/// - The order of the accounts is part of the interface: the staking program builds this call by
///   hand.
#[derive(Accounts)]
pub struct Sync {
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(mut)]
    pub position: Account<Position>,
    /// CHECK: the address that the position names, derived when it was opened; read only if the
    /// staking program owns it.
    #[account(address = position.stake @ RewardsError::WrongStake)]
    pub stake: UncheckedAccount,
}

pub fn process_sync(ctx: &mut Context<Sync>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let stake = weight_of(&accounts.position, accounts.stake.account())?;
    let mut pool = accounts.pool.to_protocol_at(unix_now()?)?;
    let mut position = accounts.position.to_protocol();
    let weight_before = position.weight;
    let returned = pool.settle_position(&mut position, stake).map_err(overflow_error)?;

    accounts.pool.store_protocol(&pool);
    accounts.pool.invariant()?;
    accounts.position.store_protocol(&position);
    accounts.position.invariant(&accounts.pool)?;

    accounts.pool.emit_returned(&accounts.position.owner, returned);
    log_event(Synced {
        owner: accounts.position.owner,
        weight_before,
        weight_after: position.weight,
        accrued: position.accrued.0,
    });
    Ok(())
}

/// Returns the weight that the stake in `account` gives `position`; zero if it was closed, which a
/// stake that has weight cannot be.
pub fn weight_of(position: &Position, account: &AccountView) -> Result<StakeWeight> {
    let is_delegated = position.owner == position.stake;
    let view = if is_delegated { Stake::delegated_position_weight } else { Stake::position_weight };

    let weight = read_stake(account, view).map_err(unreadable_stake_error)?;
    Ok(weight.unwrap_or_default())
}

/// As [`weight_of`], for instructions by which an owner takes what is its own: with a stake that
/// cannot be read, the position keeps its weight.
pub fn weight_or_own(position: &Position, account: &AccountView) -> StakeWeight {
    weight_of(position, account).unwrap_or(StakeWeight::unchanged(position.weight))
}
