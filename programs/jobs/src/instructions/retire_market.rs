use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;

use super::ByMarketAuthority;
use crate::events::MarketRetired;

/// # Specification
/// - Only the market's authority. It cannot be undone.
/// - The market accepts no new jobs and no new nodes, and anyone may evict its waiting nodes. Jobs
///   that are listed run, expire or are cancelled under their own terms. Once the market is empty,
///   it can be closed.
pub fn process_retire_market(ctx: &mut Context<ByMarketAuthority>) -> Result<()> {
    let market = &mut ctx.accounts.market;
    market.retired = 1;

    log_event(MarketRetired { market: *market.address() });
    Ok(())
}
