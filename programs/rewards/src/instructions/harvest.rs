use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, unix_now};

use super::sync::weight_of;
use crate::{
    errors::{RewardsError, overflow_error},
    events::Claimed,
    state::{Pool, Position},
    vault,
};

/// # Specification
/// - Only the owner, to any token account of NOS. It combines `sync` and `claim`, for programs:
///   what was earned may be nothing.
/// - Pays what was earned, and gives the position the weight of the stake, both as `sync` does.
/// - The order of the accounts is part of the interface: the staking program builds this call by
///   hand.
#[derive(Accounts)]
pub struct Harvest {
    #[account(address = position.owner @ RewardsError::NotOwner)]
    pub owner: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(mut)]
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

pub fn process_harvest(ctx: &mut Context<Harvest>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let stake = weight_of(&accounts.position, accounts.stake.account())?;
    let mut pool = accounts.pool.to_protocol_at(unix_now()?)?;
    let mut position = accounts.position.to_protocol();
    let returned = pool.settle_position(&mut position, stake).map_err(overflow_error)?;
    let amount = position.take_accrued().0;

    accounts.pool.store_protocol(&pool);
    accounts.pool.invariant()?;
    accounts.position.store_protocol(&position);
    accounts.position.invariant(&accounts.pool)?;

    let destination = &mut accounts.destination;
    vault::pay_tokens(&mut accounts.pool, &mut accounts.vault, destination, amount)?;

    accounts.pool.emit_returned(&accounts.position.owner, returned);
    log_event(Claimed { owner: accounts.position.owner, amount });
    Ok(())
}
