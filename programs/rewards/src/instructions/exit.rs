use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, unix_now};
use nosana_protocol::rewards::StakeWeight;

use super::sync::weight_or_own;
use crate::{
    errors::{RewardsError, overflow_error},
    events::Exited,
    state::{Pool, Position},
    vault,
};

/// # Specification
/// - Only the owner, to any token account of NOS.
/// - Settles the position as `claim` does, also with a stake that cannot be read.
/// - Pays everything earned so far, which may be nothing, and closes the position; the rent goes to
///   the owner. The stake keeps its weight, and its owner may enter again.
#[derive(Accounts)]
pub struct Exit {
    #[account(mut, address = position.owner @ RewardsError::NotOwner)]
    pub owner: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(mut, close = owner)]
    pub position: Account<Position>,
    /// CHECK: the address that the position names, derived when it was opened; read only if the
    /// staking program owns it.
    #[account(address = position.stake @ RewardsError::WrongStake)]
    pub stake: UncheckedAccount,
    #[account(mut, address = pool.vault @ RewardsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: any token account that the owner chooses; the token program checks it.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_exit(ctx: &mut Context<Exit>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let stake = weight_or_own(&accounts.position, accounts.stake.account());
    let mut pool = accounts.pool.to_protocol_at(unix_now()?)?;
    let mut position = accounts.position.to_protocol();
    let left = StakeWeight { from_now: 0, ..stake };
    let returned = pool.settle_position(&mut position, left).map_err(overflow_error)?;
    let amount = position.take_accrued().0;

    accounts.pool.store_protocol(&pool);
    accounts.pool.invariant()?;
    accounts.position.store_protocol(&position);

    let owner = accounts.position.owner;
    let destination = &mut accounts.destination;
    vault::pay_tokens(&mut accounts.pool, &mut accounts.vault, destination, amount)?;

    accounts.pool.emit_returned(&owner, returned);
    log_event(Exited { owner, amount });
    Ok(())
}
