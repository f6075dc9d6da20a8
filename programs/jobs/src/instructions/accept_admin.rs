use anchor_lang::prelude::*;

use crate::{errors::JobsError, state::Config};

/// # Specification
/// - Only the proposed admin, whose signature shows that its key works. It is the admin from now
///   on. A policy that its predecessor announced is discarded.
#[derive(Accounts)]
pub struct AcceptAdmin {
    #[account(address = config.pending_admin @ JobsError::NotProposed)]
    pub pending_admin: Signer,
    #[account(mut)]
    pub config: Account<Config>,
}

pub fn process_accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.admin = core::mem::take(&mut config.pending_admin);
    let policy = config.current_policy();
    config.adopt_policy(&policy);

    config.emit_authorities();
    Ok(())
}
