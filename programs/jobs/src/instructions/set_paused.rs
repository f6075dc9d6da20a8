use anchor_lang::prelude::*;

use crate::{errors::JobsError, state::Config};

/// # Specification
/// - Only the guardian or the admin.
/// - While entry is paused, `open_market`, `list`, `assign`, `top_up` and `work` are refused.
///   Instructions that end something, or move tokens to their owners, are not affected.
#[derive(Accounts)]
pub struct SetPaused {
    #[account(
        constraint = *guardian.address() == config.guardian || *guardian.address() == config.admin
            @ JobsError::NotGuardian
    )]
    pub guardian: Signer,
    #[account(mut)]
    pub config: Account<Config>,
}

pub fn process_set_paused(ctx: &mut Context<SetPaused>, paused: bool) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.paused = paused.into();

    config.emit_authorities();
    Ok(())
}
