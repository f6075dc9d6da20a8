use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, unix_now};
use nosana_protocol::units::{Seconds, UnixTimestamp};

use crate::{
    errors::{self, JobsError},
    events::MarketTermsChanged,
    state::{Config, Market, MarketTerms},
};

/// # Specification
/// - Only the market's authority; every term lies in its bounds.
/// - The terms are announced. Anyone can apply them once the market's notice is over, so that
///   clients and nodes that wait in the queue can react. A proposal replaces the one before.
#[derive(Accounts)]
pub struct ProposeTerms {
    #[account(address = market.authority @ JobsError::NotMarketAuthority)]
    pub authority: Signer,
    pub config: Account<Config>,
    #[account(mut)]
    pub market: Account<Market>,
}

pub fn process_propose_terms(ctx: &mut Context<ProposeTerms>, terms: &MarketTerms) -> Result<()> {
    let accounts = &mut ctx.accounts;
    terms.check_bounds(accounts.config.max_timeout_seconds)?;

    let market = &mut accounts.market;
    let from = UnixTimestamp(unix_now()?)
        .checked_add(Seconds(market.notice_seconds.into()))
        .map_err(errors::overflow_error)?
        .0;
    market.announced = *terms;
    market.announced_from = from;

    log_event(MarketTermsChanged {
        market: *market.address(),
        price_per_second: terms.price_per_second,
        from,
    });
    Ok(())
}
