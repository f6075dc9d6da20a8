use anchor_lang::prelude::*;

use crate::{errors::JobsError, state::Config};

/// # Specification
/// - Only the guardian or the admin.
/// - While entry is paused, `open_market`, `list`, `assign`, `top_up` and `work` are refused.
///   Everything that ends something, or moves money to whom it belongs, goes on.
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

pub fn handler(ctx: &mut Context<SetPaused>, paused: bool) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.paused = paused.into();
    config.emit_authorities();
    Ok(())
}
