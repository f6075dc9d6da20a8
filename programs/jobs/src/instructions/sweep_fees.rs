use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{cpi, ids};

use crate::{
    errors::JobsError,
    events::FeesSwept,
    state::{Market, Queue},
};

/// # Specification
/// - Anyone. All fees that the queue counts go to the reward pool by the `fund` of the rewards
///   program; the count drops to zero.
/// - Escrows and credits in the same vault stay, and so do tokens that others sent to it.
#[derive(Accounts)]
pub struct SweepFees {
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the rewards program checks it.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the rewards program checks it.
    #[account(mut)]
    pub pool_vault: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_sweep_fees(ctx: &mut Context<SweepFees>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = accounts.queue.fees_accrued;
    require!(amount > 0, JobsError::NoFees);

    accounts.queue.fees_accrued = 0;

    let market = &accounts.market;
    let id = market.id.to_le_bytes();
    let bump = [market.bump];
    cpi::fund_pool(
        market.cpi_handle(),
        accounts.pool.cpi_handle_mut(),
        accounts.pool_vault.cpi_handle_mut(),
        accounts.vault.cpi_handle_mut(),
        accounts.token_program.cpi_handle(),
        amount,
        &[&market.signer_seeds(&id, &bump)],
    );

    emit!(FeesSwept { market: *market.address(), amount });
    Ok(())
}
