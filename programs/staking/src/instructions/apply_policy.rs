use anchor_lang::prelude::*;
use nosana_program_common::{ids, unix_now};
use nosana_protocol::{policy, units::UnixTimestamp};

use crate::{
    errors::{StakingError, overflow_error},
    state::Config,
};

/// # Specification
/// - Anyone, from the end of an announced policy's notice, for 14 days.
/// - The announced policy is in force.
#[derive(Accounts)]
pub struct ApplyPolicy {
    #[account(mut, address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
}

pub fn process_apply_policy(ctx: &mut Context<ApplyPolicy>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    let is_due = policy::is_due(UnixTimestamp(config.pending_from), UnixTimestamp(unix_now()?))
        .map_err(overflow_error)?;
    require!(is_due, StakingError::NothingAnnounced);

    let policy = config.announced_policy();
    config.adopt_policy(&policy);

    Config::emit_policy(&policy, 0);
    Ok(())
}
