use anchor_lang::prelude::*;
use nosana_program_common::now;
use nosana_protocol::{policy, units::UnixTimestamp};

use crate::{
    errors::{self, JobsError},
    state::Config,
};

/// # Specification
/// - Anyone, from the end of an announced policy's notice on and for 14 days.
#[derive(Accounts)]
pub struct ApplyPolicy {
    #[account(mut)]
    pub config: Account<Config>,
}

pub fn handler(ctx: &mut Context<ApplyPolicy>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    let due = policy::is_due(UnixTimestamp(config.pending_from), UnixTimestamp(now()?))
        .map_err(errors::overflow)?;
    require!(due, JobsError::NothingAnnounced);
    let announced = config.announced();
    config.adopt(&announced);
    Config::emit_policy(&announced, 0);
    Ok(())
}
