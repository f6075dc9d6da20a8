//! Tokens into and out of the vault of all stakes, whose authority is the configuration, and the
//! burning of tokens in it.

use anchor_lang::{accounts::UncheckedAccount, prelude::*};
use anchor_spl::token::TokenAccount;
use nosana_program_common::token;

use crate::state::Config;

/// Transfers `amount` base units from `source` to the vault, signed by `owner`.
pub fn deposit_tokens(
    vault: &mut Account<TokenAccount>,
    source: &mut UncheckedAccount,
    owner: &Signer,
    amount: u64,
) {
    token::transfer(
        source.cpi_handle_mut(),
        vault.cpi_handle_mut(),
        owner.cpi_handle(),
        amount,
        &[],
    );
}

/// Transfers `amount` base units from the vault to `destination`.
pub fn pay_tokens(
    config: &Account<Config>,
    vault: &mut Account<TokenAccount>,
    destination: &mut UncheckedAccount,
    amount: u64,
) {
    let bump = [config.bump];
    token::transfer(
        vault.cpi_handle_mut(),
        destination.cpi_handle_mut(),
        config.cpi_handle(),
        amount,
        &[&Config::signer_seeds(&bump)],
    );
}

/// Burns `amount` base units in the vault. `nos_mint` is the mint that the configuration names.
pub fn burn_tokens(
    config: &Account<Config>,
    vault: &mut Account<TokenAccount>,
    nos_mint: &mut UncheckedAccount,
    amount: u64,
) {
    let bump = [config.bump];
    token::burn(
        vault.cpi_handle_mut(),
        nos_mint.cpi_handle_mut(),
        config.cpi_handle(),
        amount,
        &[&Config::signer_seeds(&bump)],
    );
}
