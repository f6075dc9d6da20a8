use anchor_lang::prelude::*;

use crate::{errors::JobsError, state::Config};

/// # Specification
/// - Only the one whom the admin proposed, who thereby shows that it can sign. It is admin from now
///   on. What its predecessor announced is forgotten.
#[derive(Accounts)]
pub struct AcceptAdmin {
    #[account(address = config.pending_admin @ JobsError::NotProposed)]
    pub pending_admin: Signer,
    #[account(mut)]
    pub config: Account<Config>,
}

pub fn handler(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.admin = core::mem::take(&mut config.pending_admin);
    let policy = config.policy();
    config.adopt(&policy);
    config.emit_authorities();
    Ok(())
}
