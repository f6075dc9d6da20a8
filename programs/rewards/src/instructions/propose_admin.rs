use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{errors::RewardsError, state::Pool};

/// The accounts of `propose_admin` and `set_guardian`: what only the admin does to the pool.
#[derive(Accounts)]
pub struct ByAdmin {
    #[account(address = pool.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
}

/// # Specification
/// - Only the admin.
/// - Nothing changes until `next_admin` accepts. The zero address withdraws the proposal.
pub fn process_propose_admin(ctx: &mut Context<ByAdmin>, next_admin: Address) -> Result<()> {
    ctx.accounts.pool.pending_admin = next_admin;
    Ok(())
}
