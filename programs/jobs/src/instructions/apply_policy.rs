use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
use nosana_protocol::{policy, units::UnixTimestamp};

use crate::{
    errors::{self, JobsError},
    state::Config,
};

/// # Specification
/// - Anyone, in the 14 days after the notice of an announced policy.
#[derive(Accounts)]
pub struct ApplyPolicy {
    #[account(mut)]
    pub config: Account<Config>,
}

pub fn process_apply_policy(ctx: &mut Context<ApplyPolicy>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    let is_due = policy::is_due(UnixTimestamp(config.pending_from), UnixTimestamp(unix_now()?))
        .map_err(errors::overflow_error)?;
    require!(is_due, JobsError::NothingAnnounced);

    let announced = config.announced_policy();
    config.adopt_policy(&announced);

    Config::emit_policy(&announced, 0);
    Ok(())
}
