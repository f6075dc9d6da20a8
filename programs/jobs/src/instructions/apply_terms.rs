use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use nosana_program_common::{event::log_event, unix_now};
use nosana_protocol::{policy, units::UnixTimestamp};

use crate::{
    errors::{self, JobsError},
    events::MarketTermsChanged,
    state::{Config, Market, MarketTerms},
};

/// # Specification
/// - Anyone, in the 14 days after the notice of the announced terms, if they still lie in the
///   policy's bounds.
/// - The terms apply to jobs listed and work taken from now on. Listed jobs and taken slots keep
///   theirs. Anyone may evict a waiting node whose lowest price is above the new price.
#[derive(Accounts)]
pub struct ApplyTerms {
    pub config: Account<Config>,
    #[account(mut)]
    pub market: Account<Market>,
}

pub fn process_apply_terms(ctx: &mut Context<ApplyTerms>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let market = &mut accounts.market;
    let now = unix_now()?;
    let is_due = policy::is_due(UnixTimestamp(market.announced_from), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    require!(is_due, JobsError::NothingAnnounced);
    market.announced.check_bounds(accounts.config.max_timeout_seconds)?;

    if market.announced.access_collection != market.terms.access_collection {
        market.collection_since = now;
    }
    if !market.announced.binds_nodes_like(&market.terms) {
        market.terms_revision = market.terms_revision.checked_add(1).ok_or(JobsError::Overflow)?;
    }
    market.terms = core::mem::replace(&mut market.announced, MarketTerms::zeroed());
    market.announced_from = 0;

    log_event(MarketTermsChanged {
        market: *market.address(),
        price_per_second: market.terms.price_per_second,
        from: 0,
    });
    Ok(())
}
