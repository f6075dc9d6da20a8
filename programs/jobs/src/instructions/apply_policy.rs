use anchor_lang::prelude::*;
use nosana_onchain::now;
use nosana_protocol::{policy, units::Moment};

use crate::{errors::JobsError, state::Config};

/// # Specification
/// - Anyone, once the notice of an announced policy is over.
#[derive(Accounts)]
pub struct ApplyPolicy {
    #[account(mut)]
    pub config: Account<Config>,
}

pub fn handler(ctx: &mut Context<ApplyPolicy>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    require!(policy::is_due(Moment(config.pending_from), Moment(now()?)), JobsError::NothingAnnounced);
    let announced = config.announced();
    config.adopt(&announced);
    Config::emit_policy(&announced, 0);
    Ok(())
}
