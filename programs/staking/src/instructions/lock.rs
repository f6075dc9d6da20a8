use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids};

use crate::{
    errors::{StakingError, overflow_error},
    events::CollateralChanged,
    state::{Stake, StakeInvariant},
};

/// The accounts of `lock` and `release`.
#[derive(Accounts)]
pub struct ChangeLock {
    /// A PDA of the jobs program.
    #[account(address = ids::JOBS_AUTHORITY @ StakingError::NotJobsAuthority)]
    pub jobs_authority: Signer,
    #[account(mut)]
    pub stake: Account<Stake>,
}

/// # Specification
/// - Only the jobs program's authority.
/// - Requires `amount ≤ in vault − locked` and a stake that is not in its cooldown.
/// - Neither moves tokens nor changes the weight.
pub fn process_lock(ctx: &mut Context<ChangeLock>, amount: u64) -> Result<()> {
    let stake = &mut ctx.accounts.stake;
    require!(!stake.is_unstaked(), StakingError::AlreadyUnstaked);
    require!(
        amount <= stake.free_collateral().map_err(overflow_error)?,
        StakingError::InsufficientCollateral
    );

    let locked_before = stake.locked;
    stake.locked = locked_before.checked_add(amount).ok_or(StakingError::Overflow)?;
    stake.invariant()?;

    log_event(CollateralChanged { owner: stake.owner, locked_before, locked_after: stake.locked });
    Ok(())
}
