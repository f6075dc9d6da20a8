use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{errors::StakingError, state::Config};

/// The accounts of `propose_admin`, `set_guardian` and `propose_policy`: what only the admin does
/// to the configuration.
#[derive(Accounts)]
pub struct ByAdmin {
    #[account(address = config.admin @ StakingError::NotAdmin)]
    pub admin: Signer,
    #[account(mut, address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
}

/// # Specification
/// - Only the admin.
/// - Nothing changes until `next_admin` accepts. The zero address withdraws the proposal.
pub fn process_propose_admin(ctx: &mut Context<ByAdmin>, next_admin: Address) -> Result<()> {
    ctx.accounts.config.pending_admin = next_admin;
    Ok(())
}
