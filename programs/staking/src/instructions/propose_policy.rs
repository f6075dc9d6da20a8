use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
use nosana_protocol::{
    policy::{NOTICE, StakingPolicy},
    slashing::MAX_REPORTER_SHARE,
    units::{Amount, BasisPoints, UnixTimestamp},
};

use super::ByAdmin;
use crate::{
    constants::{HIGHEST_MIN_STAKE, LOWEST_MIN_STAKE},
    errors::{StakingError, overflow_error},
    state::Config,
};

/// # Specification
/// - Only the admin; every value is within its bounds.
/// - A policy that tightens is in force at once. Any other is announced; anyone can apply it after
///   three days.
/// - A proposal replaces the previous one. To withdraw an announcement, propose the policy in
///   force.
pub fn process_propose_policy(
    ctx: &mut Context<ByAdmin>,
    min_stake: u64,
    reporter_bps: u16,
) -> Result<()> {
    let policy = check_policy(min_stake, reporter_bps)?;

    let config = &mut ctx.accounts.config;
    if policy.is_tighter_than(&config.current_policy()) {
        config.adopt_policy(&policy);
        Config::emit_policy(&policy, 0);
    } else {
        let from = UnixTimestamp(unix_now()?).checked_add(NOTICE).map_err(overflow_error)?.0;
        config.announce_policy(&policy, from);
        Config::emit_policy(&policy, from);
    }
    Ok(())
}

/// Returns the policy; fails unless its values are within their bounds.
fn check_policy(min_stake: u64, reporter_bps: u16) -> Result<StakingPolicy> {
    let is_in_bounds = (LOWEST_MIN_STAKE..=HIGHEST_MIN_STAKE).contains(&min_stake)
        && reporter_bps <= MAX_REPORTER_SHARE.0;
    require!(is_in_bounds, StakingError::PolicyOutOfRange);

    Ok(StakingPolicy { min_stake: Amount(min_stake), reporter_share: BasisPoints(reporter_bps) })
}
