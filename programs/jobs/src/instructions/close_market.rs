use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, token};

use crate::{
    errors::JobsError,
    events::MarketClosed,
    settlement::send_from_vault,
    state::{Market, Queue},
};

/// # Specification
/// - Only the market's authority; only a retired market in whose queue nothing waits, that has no
///   open jobs and no open disputes, owes no credits and has no fees to sweep. What is left in the
///   vault is the deposit, and tokens that others sent.
/// - The tokens go to `destination`, the rent of the three accounts to the authority.
#[derive(Accounts)]
pub struct CloseMarket {
    /// Gets the rent.
    #[account(mut, address = market.authority @ JobsError::NotMarketAuthority)]
    pub authority: Signer,
    #[account(mut, close = authority)]
    pub market: Account<Market>,
    #[account(mut, close = authority, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: any token account that the authority chooses; the token program checks it.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_close_market(ctx: &mut Context<CloseMarket>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let queue = &accounts.queue;
    let is_empty = queue.live == 0
        && queue.open_jobs == 0
        && queue.credits_owed == 0
        && queue.open_disputes == 0
        && queue.fees_accrued == 0;
    require!(accounts.market.retired != 0 && is_empty, JobsError::MarketInUse);

    let market = &accounts.market;
    let amount = accounts.vault.amount();
    log_event(MarketClosed { market: *market.address(), amount });

    send_from_vault(market, &mut accounts.vault, &mut accounts.destination, amount);

    let id = market.id.to_le_bytes();
    let bump = [market.bump];
    token::close_account(
        accounts.vault.cpi_handle_mut(),
        accounts.authority.cpi_handle_mut(),
        market.cpi_handle(),
        &[&market.signer_seeds(&id, &bump)],
    );
    Ok(())
}
