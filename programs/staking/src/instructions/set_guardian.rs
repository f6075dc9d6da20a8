use anchor_lang::prelude::*;

use super::ByAdmin;

/// # Specification
/// - Only the admin.
/// - The guardian may pause and unpause entry, and nothing else.
pub fn process_set_guardian(ctx: &mut Context<ByAdmin>, guardian: Address) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.guardian = guardian;

    config.emit_authorities();
    Ok(())
}
