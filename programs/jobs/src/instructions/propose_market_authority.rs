use anchor_lang::prelude::*;

use crate::{errors::JobsError, state::Market};

/// What a market's authority does to the market alone: `propose_market_authority`, `retire_market`.
#[derive(Accounts)]
pub struct ByMarketAuthority {
    #[account(address = market.authority @ JobsError::NotMarketAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub market: Account<Market>,
}

/// # Specification
/// - Only the market's authority. Nothing changes until `next_authority` accepts; the zero address
///   takes the proposal back.
pub fn handler(ctx: &mut Context<ByMarketAuthority>, next_authority: Address) -> Result<()> {
    ctx.accounts.market.pending_authority = next_authority;
    Ok(())
}
