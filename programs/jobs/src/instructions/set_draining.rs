use anchor_lang::prelude::*;

use super::ByNodeAuthority;

/// # Specification
/// - Only the node's authority. A draining node takes no new work. Its jobs continue, and it may
///   leave the queue.
pub fn process_set_draining(ctx: &mut Context<ByNodeAuthority>, draining: bool) -> Result<()> {
    let node = &mut ctx.accounts.node;
    node.draining = draining.into();

    let address = *node.address();
    node.emit_updated(&address);
    Ok(())
}
