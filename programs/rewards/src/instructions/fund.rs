use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, unix_now};
use nosana_protocol::units::Amount;

use crate::{
    errors::{RewardsError, overflow_error},
    events::Funded,
    state::Pool,
    vault,
};

/// # Specification
/// - Anyone may call it, with money of its own. Programs do not: they transfer to the vault, and
///   [`count_income`](super::count_income) counts it. So none of them signs for its vault here.
/// - `amount` moves from `source` to the vault and waits for the next epoch; it does not change the
///   current one.
#[derive(Accounts)]
pub struct Fund {
    /// May spend from `source`.
    pub authority: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(mut, address = pool.vault @ RewardsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the token program checks it when it transfers.
    #[account(mut)]
    pub source: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_fund(ctx: &mut Context<Fund>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    // A transfer from the vault to itself would count income that never arrived.
    require!(accounts.source.address() != accounts.vault.address(), RewardsError::WrongAccount);

    let mut pool = accounts.pool.to_protocol_at(unix_now()?)?;
    pool.add_income(Amount(amount)).map_err(overflow_error)?;
    accounts.pool.store_protocol(&pool);
    accounts.pool.invariant()?;

    let event = Funded { source: *accounts.source.address(), amount, pending: pool.pending.0 };
    vault::deposit_tokens(
        &mut accounts.pool,
        &mut accounts.vault,
        &mut accounts.source,
        &accounts.authority,
        amount,
    )?;

    log_event(event);
    Ok(())
}
