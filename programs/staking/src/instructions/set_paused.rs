use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{errors::StakingError, state::Config};

/// # Specification
/// - Only the guardian or the admin.
/// - While entry is paused, `stake`, `top_up`, `extend`, `restake`, `compound` and `delegate` fail.
///   Every instruction by which tokens leave still works.
#[derive(Accounts)]
pub struct SetPaused {
    #[account(
        constraint = *guardian.address() == config.guardian || *guardian.address() == config.admin
            @ StakingError::NotGuardian
    )]
    pub guardian: Signer,
    #[account(mut, address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
}

pub fn process_set_paused(ctx: &mut Context<SetPaused>, paused: bool) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.paused = paused.into();

    config.emit_authorities();
    Ok(())
}
