use anchor_lang::prelude::*;
use nosana_program_common::{ids, stake, unix_now};

use crate::{
    errors::{RewardsError, overflow_error, unreadable_stake_error},
    events::Synced,
    state::{Pool, Position},
};

/// # Specification
/// - Anyone may call it. It takes nothing from the position: what it earned under its previous
///   weight is settled first.
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
    let weight_after = weight_of(&accounts.position, accounts.stake.account())?;
    let mut pool = accounts.pool.to_protocol_at(unix_now()?)?;
    let mut position = accounts.position.to_protocol();
    let weight_before = position.weight;
    pool.change_weight(&mut position, weight_after).map_err(overflow_error)?;

    accounts.pool.store_protocol(&pool);
    accounts.pool.invariant()?;
    accounts.position.store_protocol(&position);
    accounts.position.invariant(&accounts.pool)?;

    let owner = accounts.position.owner;
    emit!(Synced { owner, weight_before, weight_after, accrued: position.accrued.0 });
    Ok(())
}

/// Returns the weight that the stake in `account` gives `position`; zero if it was closed.
pub fn weight_of(position: &Position, account: &AccountView) -> Result<u64> {
    let is_delegated = position.owner == position.stake;
    let weight =
        stake::read_stake(
            account,
            |stake| {
                if is_delegated { stake.delegated_xnos } else { stake.xnos }
            },
        );
    Ok(weight.map_err(unreadable_stake_error)?.unwrap_or(0))
}
