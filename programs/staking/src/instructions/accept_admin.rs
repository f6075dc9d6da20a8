use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{errors::StakingError, state::Config};

/// # Specification
/// - Only the address that the admin proposed. Its signature proves that it can sign.
/// - It becomes admin at once; the proposal is cleared.
#[derive(Accounts)]
pub struct AcceptAdmin {
    #[account(address = config.pending_admin @ StakingError::NotProposed)]
    pub pending_admin: Signer,
    #[account(mut, address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
}

pub fn process_accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.admin = core::mem::take(&mut config.pending_admin);

    config.emit_authorities();
    Ok(())
}
