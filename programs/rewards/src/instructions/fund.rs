use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{ids, now, token};
use nosana_protocol::units::{Amount, UnixTimestamp};

use crate::{
    errors::RewardsError,
    events::Funded,
    state::{Pool, overflow},
};

/// # Specification
/// - Anyone may call it, also other programs: markets sweep their fees and staking its slashes
///   through it.
/// - `amount` moves from `source` to the vault and waits for the next epoch; the running one is not
///   touched.
/// - The order of the accounts is part of the interface: the staking and jobs programs build this
///   call by hand.
#[derive(Accounts)]
pub struct Fund {
    /// May spend from `source`.
    pub authority: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(mut, address = pool.vault @ RewardsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the token program checks it when it pays.
    #[account(mut)]
    pub source: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn handler(ctx: &mut Context<Fund>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    // Paying the vault from itself would count income that never came.
    require!(accounts.source.address() != accounts.vault.address(), RewardsError::WrongAccount);
    let mut pool = accounts.pool.rules();
    pool.advance(UnixTimestamp(now()?)).map_err(overflow)?;
    pool.fund(Amount(amount)).map_err(overflow)?;
    accounts.pool.store(&pool);
    let event = Funded { source: *accounts.source.address(), amount, pending: pool.pending.0 };

    token::transfer(
        accounts.source.cpi_handle_mut(),
        accounts.vault.cpi_handle_mut(),
        accounts.authority.cpi_handle(),
        amount,
        &[],
    );
    emit!(event);
    Ok(())
}
