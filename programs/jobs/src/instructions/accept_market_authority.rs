use anchor_lang::prelude::*;
use bytemuck::Zeroable;

use crate::{
    errors::JobsError,
    events::MarketHandedOver,
    state::{Market, MarketTerms},
};

/// # Specification
/// - Only the one whom the market's authority proposed. It may change and close the market from now
///   on, and gets its deposit. What its predecessor announced is forgotten.
#[derive(Accounts)]
pub struct AcceptMarketAuthority {
    #[account(address = market.pending_authority @ JobsError::NotProposed)]
    pub pending_authority: Signer,
    #[account(mut)]
    pub market: Account<Market>,
}

pub fn handler(ctx: &mut Context<AcceptMarketAuthority>) -> Result<()> {
    let market = &mut ctx.accounts.market;
    market.authority = core::mem::take(&mut market.pending_authority);
    market.announced = MarketTerms::zeroed();
    market.announced_from = 0;
    emit!(MarketHandedOver { market: *market.address(), authority: market.authority });
    Ok(())
}
