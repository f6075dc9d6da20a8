use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use nosana_program_common::now;
use nosana_protocol::{policy, units::UnixTimestamp};

use crate::{
    errors::{self, JobsError},
    events::MarketTermsChanged,
    state::{Config, Market, MarketTerms},
};

/// # Specification
/// - Anyone, from the end of their notice on and for 14 days, if the announced terms still lie in
///   the policy's bounds.
/// - They hold for jobs listed and work taken from now on. Jobs that are listed keep theirs; a
///   waiting node that asks for more than the new price may be evicted by anyone.
#[derive(Accounts)]
pub struct ApplyTerms {
    pub config: Account<Config>,
    #[account(mut)]
    pub market: Account<Market>,
}

pub fn handler(ctx: &mut Context<ApplyTerms>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let market = &mut accounts.market;
    let now = now()?;
    let due = policy::is_due(UnixTimestamp(market.announced_from), UnixTimestamp(now))
        .map_err(errors::overflow)?;
    require!(due, JobsError::NothingAnnounced);
    market.announced.check(accounts.config.max_timeout_seconds)?;
    market.terms = core::mem::replace(&mut market.announced, MarketTerms::zeroed());
    market.announced_from = 0;
    market.terms_since = now;
    emit!(MarketTermsChanged {
        market: *market.address(),
        price_per_second: market.terms.price_per_second,
        from: 0
    });
    Ok(())
}
