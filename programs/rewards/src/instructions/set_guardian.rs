use anchor_lang::prelude::*;

use super::ByAdmin;

/// # Specification
/// - Only the admin.
/// - The guardian may pause and unpause entry, and nothing else.
pub fn process_set_guardian(ctx: &mut Context<ByAdmin>, guardian: Address) -> Result<()> {
    let pool = &mut ctx.accounts.pool;
    pool.guardian = guardian;

    pool.emit_authorities();
    Ok(())
}
