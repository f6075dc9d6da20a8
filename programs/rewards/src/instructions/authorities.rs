use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{errors::RewardsError, events::AuthoritiesChanged, state::Pool};

/// What the admin does alone: `propose_admin`, `set_guardian`.
#[derive(Accounts)]
pub struct ByAdmin {
    #[account(address = pool.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
}

/// # Specification
/// - Only the one whom the admin proposed, who thereby shows that it can sign. It is admin from now
///   on.
#[derive(Accounts)]
pub struct AcceptAdmin {
    #[account(address = pool.pending_admin @ RewardsError::NotProposed)]
    pub pending_admin: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
}

/// # Specification
/// - Only the guardian or the admin.
/// - While entry is paused, `enter` and `open_stream` are refused. Everything by which money leaves
///   goes on.
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

/// Only the admin. Nothing changes until `next_admin` accepts; the zero address takes the proposal
/// back.
pub fn propose_admin(ctx: &mut Context<ByAdmin>, next_admin: Address) -> Result<()> {
    ctx.accounts.pool.pending_admin = next_admin;
    Ok(())
}

/// See [`AcceptAdmin`].
pub fn accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
    let pool = &mut ctx.accounts.pool;
    pool.admin = core::mem::take(&mut pool.pending_admin);
    tell(pool);
    Ok(())
}

/// Only the admin. The guardian may pause and unpause entry, and nothing else.
pub fn set_guardian(ctx: &mut Context<ByAdmin>, guardian: Address) -> Result<()> {
    let pool = &mut ctx.accounts.pool;
    pool.guardian = guardian;
    tell(pool);
    Ok(())
}

/// See [`SetPaused`].
pub fn set_paused(ctx: &mut Context<SetPaused>, paused: bool) -> Result<()> {
    let pool = &mut ctx.accounts.pool;
    pool.paused = paused.into();
    tell(pool);
    Ok(())
}

fn tell(pool: &Pool) {
    emit!(AuthoritiesChanged {
        admin: pool.admin,
        guardian: pool.guardian,
        paused: pool.paused.into()
    });
}
