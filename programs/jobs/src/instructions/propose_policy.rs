use anchor_lang::prelude::*;
use nosana_program_common::now;
use nosana_protocol::{
    policy::{NOTICE, Policy},
    units::{Amount, BasisPoints, Seconds, UnixTimestamp},
};

use super::ByAdmin;
use crate::{
    constants::{MAX_FEE_BPS, MAX_MARKET_DEPOSIT, MAX_TIMEOUT_SECONDS},
    errors::{self, JobsError},
    state::Config,
};

/// # Specification
/// - Only the admin; every value lies in its bounds.
/// - What tightens is in force at once. What does not is announced, and can be applied by anyone
///   after three days.
/// - A proposal takes the place of the one before: to take one back, propose what is in force.
pub fn handler(
    ctx: &mut Context<ByAdmin>,
    network_fee_bps: u16,
    market_deposit: u64,
    max_timeout_seconds: u64,
) -> Result<()> {
    let policy = checked(network_fee_bps, market_deposit, max_timeout_seconds)?;
    let config = &mut ctx.accounts.config;
    if policy.tightens(&config.policy()) {
        config.adopt(&policy);
        Config::emit_policy(&policy, 0);
    } else {
        let from = UnixTimestamp(now()?).after(NOTICE).map_err(errors::overflow)?.0;
        config.announce(&policy, from);
        Config::emit_policy(&policy, from);
    }
    Ok(())
}

/// The policy, if its values lie in their bounds.
pub fn checked(
    network_fee_bps: u16,
    market_deposit: u64,
    max_timeout_seconds: u64,
) -> Result<Policy> {
    let in_bounds = network_fee_bps <= MAX_FEE_BPS
        && market_deposit <= MAX_MARKET_DEPOSIT
        && (1..=MAX_TIMEOUT_SECONDS).contains(&max_timeout_seconds);
    require!(in_bounds, JobsError::PolicyOutOfRange);
    Ok(Policy {
        fee: BasisPoints(network_fee_bps),
        market_deposit: Amount(market_deposit),
        max_timeout: Seconds(max_timeout_seconds),
    })
}
