use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids};

use crate::{
    errors::JobsError,
    events::FeesSwept,
    settlement::send_from_vault,
    state::{Market, Queue},
};

/// # Specification
/// - Anyone. All fees that the queue counts go to the reward pool's vault by the token program; the
///   count drops to zero. The rewards program is not called, so it can neither take more nor keep
///   the market from closing: anyone calls its `count_income` afterwards.
/// - Escrows and credits in the same vault stay, and so do tokens that others sent to it.
#[derive(Accounts)]
pub struct SweepFees {
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the reward pool's vault, whose address is fixed; the token program checks it.
    #[account(mut, address = ids::POOL_VAULT @ JobsError::WrongAccount)]
    pub pool_vault: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_sweep_fees(ctx: &mut Context<SweepFees>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = accounts.queue.fees_accrued;
    require!(amount > 0, JobsError::NoFees);

    accounts.queue.fees_accrued = 0;

    let market = &accounts.market;
    send_from_vault(market, &mut accounts.vault, &mut accounts.pool_vault, amount);

    log_event(FeesSwept { market: *market.address(), amount });
    Ok(())
}
