//! Tokens into and out of the pool's vault, whose authority is the pool. Both change what the pool
//! has counted, so that [`count_income`](crate::instructions::count_income) finds what arrived
//! without its help.

use anchor_lang::{accounts::UncheckedAccount, prelude::*};
use anchor_spl::token::TokenAccount;
use nosana_program_common::token;

use crate::state::Pool;

/// Transfers `amount` base units from `source` to the vault, signed by `authority`.
pub fn deposit_tokens(
    pool: &mut Account<Pool>,
    vault: &mut Account<TokenAccount>,
    source: &mut UncheckedAccount,
    authority: &Signer,
    amount: u64,
) -> Result<()> {
    pool.add_accounted(amount)?;

    token::transfer(
        source.cpi_handle_mut(),
        vault.cpi_handle_mut(),
        authority.cpi_handle(),
        amount,
        &[],
    );
    Ok(())
}

/// Transfers `amount` base units from the vault to `destination`.
pub fn pay_tokens(
    pool: &mut Account<Pool>,
    vault: &mut Account<TokenAccount>,
    destination: &mut UncheckedAccount,
    amount: u64,
) -> Result<()> {
    pool.take_accounted(amount)?;

    let bump = [pool.bump];
    token::transfer(
        vault.cpi_handle_mut(),
        destination.cpi_handle_mut(),
        pool.cpi_handle(),
        amount,
        &[&Pool::signer_seeds(&bump)],
    );
    Ok(())
}
