use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, now, token};
use nosana_protocol::units::UnixTimestamp;

use super::sync::weight_of;
use crate::{
    errors::RewardsError,
    events::Claimed,
    state::{Pool, Position, overflow},
};

/// # Specification
/// - Only the owner, to any token account of NOS. It is `sync` and `claim` in one, for programs:
///   what was earned may be nothing.
/// - What was earned under the old weight is paid. The new weight is that of the stake, as `sync`
///   reads it.
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
    /// CHECK: the owner's choice; the token program checks it.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<Harvest>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let weight = weight_of(&accounts.position, accounts.stake.account());
    let mut pool = accounts.pool.rules();
    pool.advance(UnixTimestamp(now()?)).map_err(overflow)?;
    let mut position = accounts.position.rules();
    pool.reweigh(&mut position, weight).map_err(overflow)?;
    let amount = position.take().0;
    accounts.pool.store(&pool);
    accounts.position.store(&position);

    let bump = [accounts.pool.bump];
    token::transfer(
        accounts.vault.cpi_handle_mut(),
        accounts.destination.cpi_handle_mut(),
        accounts.pool.cpi_handle(),
        amount,
        &[&Pool::signer_seeds(&bump)],
    );
    emit!(Claimed { owner: accounts.position.owner, amount });
    Ok(())
}
