use anchor_lang::prelude::*;
use nosana_onchain::now;
use nosana_protocol::{policy, units::Moment};

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
    let due =
        policy::is_due(Moment(config.pending_from), Moment(now()?)).map_err(errors::overflow)?;
    require!(due, JobsError::NothingAnnounced);
    let announced = config.announced();
    config.adopt(&announced);
    Config::emit_policy(&announced, 0);
    Ok(())
}
