use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{errors::RewardsError, state::Pool};

/// # Specification
/// - Only the address that the admin proposed. Its signature proves that it can sign.
/// - It becomes admin at once; the proposal is cleared.
#[derive(Accounts)]
pub struct AcceptAdmin {
    #[account(address = pool.pending_admin @ RewardsError::NotProposed)]
    pub pending_admin: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
}

pub fn process_accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
    let pool = &mut ctx.accounts.pool;
    pool.admin = core::mem::take(&mut pool.pending_admin);

    pool.emit_authorities();
    Ok(())
}
