use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{errors::StakingError, events::AuthoritiesChanged, state::Config};

/// What the admin does alone: `propose_admin`, `set_guardian`.
#[derive(Accounts)]
pub struct ByAdmin {
    #[account(address = config.admin @ StakingError::NotAdmin)]
    pub admin: Signer,
    #[account(mut, address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
}

/// # Specification
/// - Only the one whom the admin proposed, who thereby shows that it can sign. It is admin from now
///   on.
#[derive(Accounts)]
pub struct AcceptAdmin {
    #[account(address = config.pending_admin @ StakingError::NotProposed)]
    pub pending_admin: Signer,
    #[account(mut, address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
}

/// # Specification
/// - Only the guardian or the admin.
/// - While entry is paused, `stake`, `top_up`, `extend`, `restake` and `compound` are refused.
///   Everything by which money leaves goes on.
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

/// Only the admin. Nothing changes until `next_admin` accepts; the zero address takes the proposal
/// back.
pub fn propose_admin(ctx: &mut Context<ByAdmin>, next_admin: Address) -> Result<()> {
    ctx.accounts.config.pending_admin = next_admin;
    Ok(())
}

/// See [`AcceptAdmin`].
pub fn accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.admin = core::mem::take(&mut config.pending_admin);
    tell(config);
    Ok(())
}

/// Only the admin. The guardian may pause and unpause entry, and nothing else.
pub fn set_guardian(ctx: &mut Context<ByAdmin>, guardian: Address) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.guardian = guardian;
    tell(config);
    Ok(())
}

/// See [`SetPaused`].
pub fn set_paused(ctx: &mut Context<SetPaused>, paused: bool) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.paused = paused.into();
    tell(config);
    Ok(())
}

fn tell(config: &Config) {
    emit!(AuthoritiesChanged {
        admin: config.admin,
        guardian: config.guardian,
        paused: config.paused.into()
    });
}
