use anchor_lang::prelude::*;

use super::ByMarketAuthority;
use crate::events::MarketRetired;

/// # Specification
/// - Only the market's authority; there is no way back.
/// - The market takes no new jobs and no new nodes, and anyone may evict the nodes that wait. Jobs
///   that are listed run, expire or are cancelled under their own terms. Once it is empty it can be
///   closed.
pub fn handler(ctx: &mut Context<ByMarketAuthority>) -> Result<()> {
    let market = &mut ctx.accounts.market;
    market.retired = 1;
    emit!(MarketRetired { market: *market.address() });
    Ok(())
}
