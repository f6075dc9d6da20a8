use anchor_lang::prelude::*;

use crate::{errors::JobsError, state::Market};

/// The accounts of instructions by which a market's authority changes only the market:
/// `propose_market_authority`, `retire_market`.
#[derive(Accounts)]
pub struct ByMarketAuthority {
    #[account(address = market.authority @ JobsError::NotMarketAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub market: Account<Market>,
}

/// # Specification
/// - Only the market's authority. Nothing changes until `next_authority` accepts; the zero address
///   withdraws the proposal.
pub fn process_propose_market_authority(
    ctx: &mut Context<ByMarketAuthority>,
    next_authority: Address,
) -> Result<()> {
    ctx.accounts.market.pending_authority = next_authority;
    Ok(())
}
