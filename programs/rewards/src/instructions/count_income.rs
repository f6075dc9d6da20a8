use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, unix_now};
use nosana_protocol::units::Amount;

use crate::{
    errors::{RewardsError, overflow_error},
    events::IncomeCounted,
    state::Pool,
};

/// # Specification
/// - Anyone; nobody signs, and no tokens move. Fails if nothing has arrived.
/// - All that lies in the vault above what the pool has counted becomes income, and waits for the
///   next epoch: fees that a market swept, and what strangers sent.
#[derive(Accounts)]
pub struct CountIncome {
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    #[account(address = pool.vault @ RewardsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
}

pub fn process_count_income(ctx: &mut Context<CountIncome>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let held = accounts.vault.amount();
    let amount = held.checked_sub(accounts.pool.accounted).ok_or(RewardsError::Overflow)?;
    require!(amount > 0, RewardsError::NothingArrived);

    let mut pool = accounts.pool.to_protocol_at(unix_now()?)?;
    pool.add_income(Amount(amount)).map_err(overflow_error)?;
    accounts.pool.store_protocol(&pool);
    accounts.pool.accounted = held;
    accounts.pool.invariant()?;

    log_event(IncomeCounted { amount, pending: pool.pending.0 });
    Ok(())
}
