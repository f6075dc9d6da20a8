use anchor_lang::prelude::*;
use nosana_program_common::{ids, now, stake};
use nosana_protocol::units::UnixTimestamp;

use crate::{
    errors::RewardsError,
    events::Synced,
    state::{Pool, Position, overflow},
};

/// # Specification
/// - Anyone may call it. It takes nothing from the position: what it earned under its old weight is
///   settled first.
/// - The new weight is the xNOS of the stake that the position names, or, if that stake is its
///   owner, the xNOS delegated to it; zero if the stake was closed.
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

pub fn handler(ctx: &mut Context<Sync>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let weight_after = weight_of(&accounts.position, accounts.stake.account());
    let mut pool = accounts.pool.rules();
    pool.advance(UnixTimestamp(now()?)).map_err(overflow)?;
    let mut position = accounts.position.rules();
    let weight_before = position.weight;
    pool.reweigh(&mut position, weight_after).map_err(overflow)?;
    accounts.pool.store(&pool);
    accounts.position.store(&position);
    let owner = accounts.position.owner;
    emit!(Synced { owner, weight_before, weight_after, accrued: position.accrued.0 });
    Ok(())
}

/// The weight that `stake` gives `position`; zero if its account is gone.
pub fn weight_of(position: &Position, account: &AccountView) -> u64 {
    let of_delegations = position.owner == position.stake;
    stake::read(account, |stake| if of_delegations { stake.delegated_xnos } else { stake.xnos })
        .unwrap_or(0)
}
