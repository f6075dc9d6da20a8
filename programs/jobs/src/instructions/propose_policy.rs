use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
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
/// - A policy that raises no value is in force at once. Any other is announced, and anyone can
///   apply it after three days.
/// - A proposal replaces the one before. To withdraw one, propose the policy in force.
pub fn process_propose_policy(
    ctx: &mut Context<ByAdmin>,
    network_fee_bps: u16,
    market_deposit: u64,
    max_timeout_seconds: u64,
) -> Result<()> {
    let policy = validate_policy(network_fee_bps, market_deposit, max_timeout_seconds)?;

    let config = &mut ctx.accounts.config;
    if policy.is_tighter_than(&config.current_policy()) {
        config.adopt_policy(&policy);
        Config::emit_policy(&policy, 0);
    } else {
        let from =
            UnixTimestamp(unix_now()?).checked_add(NOTICE).map_err(errors::overflow_error)?.0;
        config.announce_policy(&policy, from);
        Config::emit_policy(&policy, from);
    }
    Ok(())
}

/// Returns the policy with these values. Fails unless they lie in their bounds.
pub fn validate_policy(
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
