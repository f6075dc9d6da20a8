use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use nosana_program_common::event::log_event;

use crate::{
    errors::JobsError,
    events::MarketHandedOver,
    state::{Market, MarketTerms},
};

/// # Specification
/// - Only the proposed authority. From now on it may change and close the market, and it gets the
///   market's deposit. Terms that its predecessor announced are discarded.
#[derive(Accounts)]
pub struct AcceptMarketAuthority {
    #[account(address = market.pending_authority @ JobsError::NotProposed)]
    pub pending_authority: Signer,
    #[account(mut)]
    pub market: Account<Market>,
}

pub fn process_accept_market_authority(ctx: &mut Context<AcceptMarketAuthority>) -> Result<()> {
    let market = &mut ctx.accounts.market;
    market.authority = core::mem::take(&mut market.pending_authority);
    market.announced = MarketTerms::zeroed();
    market.announced_from = 0;

    log_event(MarketHandedOver { market: *market.address(), authority: market.authority });
    Ok(())
}
