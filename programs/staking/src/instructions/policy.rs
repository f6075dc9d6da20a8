use anchor_lang::prelude::*;
use nosana_program_common::{ids, now};
use nosana_protocol::{
    policy::{self, NOTICE, StakingPolicy},
    slashing::MAX_REPORTER_SHARE,
    units::{Amount, BasisPoints, UnixTimestamp},
};

use super::ByAdmin;
use crate::{
    constants::{HIGHEST_MIN_STAKE, LOWEST_MIN_STAKE},
    errors::{self, StakingError},
    state::Config,
};

/// # Specification
/// - Anyone, from the end of an announced policy's notice on and for 14 days.
#[derive(Accounts)]
pub struct ApplyPolicy {
    #[account(mut, address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
}

/// # Specification
/// - Only the admin; every value lies in its bounds.
/// - What tightens is in force at once. What does not is announced, and can be applied by anyone
///   after three days.
/// - A proposal takes the place of the one before: to take one back, propose what is in force.
pub fn propose(ctx: &mut Context<ByAdmin>, min_stake: u64, reporter_bps: u16) -> Result<()> {
    let in_bounds = (LOWEST_MIN_STAKE..=HIGHEST_MIN_STAKE).contains(&min_stake)
        && reporter_bps <= MAX_REPORTER_SHARE.0;
    require!(in_bounds, StakingError::PolicyOutOfRange);
    let policy =
        StakingPolicy { min_stake: Amount(min_stake), reporter_share: BasisPoints(reporter_bps) };
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

/// See [`ApplyPolicy`].
pub fn apply(ctx: &mut Context<ApplyPolicy>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    let due = policy::is_due(UnixTimestamp(config.pending_from), UnixTimestamp(now()?))
        .map_err(errors::overflow)?;
    require!(due, StakingError::NothingAnnounced);
    let announced = config.announced();
    config.adopt(&announced);
    Config::emit_policy(&announced, 0);
    Ok(())
}
