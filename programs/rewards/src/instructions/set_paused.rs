use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{errors::RewardsError, state::Pool};

/// # Specification
/// - Only the guardian or the admin.
/// - While entry is paused, `enter`, `enter_delegated` and `open_stream` fail. Every instruction by
///   which tokens leave still works.
#[derive(Accounts)]
pub struct SetPaused {
    #[account(
        constraint = *guardian.address() == pool.guardian || *guardian.address() == pool.admin
            @ RewardsError::NotGuardian
    )]
    pub guardian: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
}

pub fn process_set_paused(ctx: &mut Context<SetPaused>, paused: bool) -> Result<()> {
    let pool = &mut ctx.accounts.pool;
    pool.paused = paused.into();

    pool.emit_authorities();
    Ok(())
}
