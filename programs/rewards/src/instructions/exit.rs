use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, now, token};
use nosana_protocol::units::UnixTimestamp;

use crate::{
    errors::RewardsError,
    events::Exited,
    state::{Pool, Position, overflow},
};

/// # Specification
/// - Only the owner, to any token account of NOS.
/// - Pays all that was earned until now, which may be nothing, and closes the position; the rent
///   goes to the owner. The stake keeps its weight, and may enter again.
#[derive(Accounts)]
pub struct Exit {
    #[account(mut, address = position.owner @ RewardsError::NotOwner)]
    pub owner: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(mut, close = owner)]
    pub position: Account<Position>,
    #[account(mut, address = pool.vault @ RewardsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the owner's choice; the token program checks it.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<Exit>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let mut pool = accounts.pool.rules();
    pool.advance(UnixTimestamp(now()?)).map_err(overflow)?;
    let mut position = accounts.position.rules();
    pool.reweigh(&mut position, 0).map_err(overflow)?;
    let amount = position.take().0;
    accounts.pool.store(&pool);
    accounts.position.store(&position);

    let event = Exited { owner: accounts.position.owner, amount };
    let bump = [accounts.pool.bump];
    token::transfer(
        accounts.vault.cpi_handle_mut(),
        accounts.destination.cpi_handle_mut(),
        accounts.pool.cpi_handle(),
        amount,
        &[&Pool::signer_seeds(&bump)],
    );
    emit!(event);
    Ok(())
}
