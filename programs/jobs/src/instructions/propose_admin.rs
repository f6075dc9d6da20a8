use anchor_lang::prelude::*;

use crate::{errors::JobsError, state::Config};

/// The accounts of the admin's instructions: `propose_admin`, `set_guardian`, `propose_policy`.
#[derive(Accounts)]
pub struct ByAdmin {
    #[account(address = config.admin @ JobsError::NotAdmin)]
    pub admin: Signer,
    #[account(mut)]
    pub config: Account<Config>,
}

/// # Specification
/// - Only the admin. Nothing changes until `next_admin` accepts; the zero address withdraws the
///   proposal.
pub fn process_propose_admin(ctx: &mut Context<ByAdmin>, next_admin: Address) -> Result<()> {
    ctx.accounts.config.pending_admin = next_admin;
    Ok(())
}
