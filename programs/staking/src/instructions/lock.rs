use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{
    errors::{self, StakingError},
    events::CollateralChanged,
    state::Stake,
};

/// The accounts of `lock` and `release`.
///
/// # Specification
/// - Only the jobs program's authority.
/// - `lock` needs `amount ≤ in vault − locked` and a stake that is not in its cooldown.
/// - `release` needs `amount ≤ locked`. Neither moves tokens nor changes the weight.
#[derive(Accounts)]
pub struct ChangeLock {
    /// A PDA of the jobs program.
    #[account(address = ids::JOBS_AUTHORITY @ StakingError::NotJobsAuthority)]
    pub jobs_authority: Signer,
    #[account(mut)]
    pub stake: Account<Stake>,
}

pub fn handler(ctx: &mut Context<ChangeLock>, amount: u64) -> Result<()> {
    let stake = &mut ctx.accounts.stake;
    require!(!stake.is_unstaked(), StakingError::AlreadyUnstaked);
    require!(
        amount <= stake.free().map_err(errors::overflow)?,
        StakingError::InsufficientCollateral
    );
    let locked_before = stake.locked;
    stake.locked = locked_before.checked_add(amount).ok_or(StakingError::Overflow)?;
    errors::check(stake)?;
    emit!(CollateralChanged { owner: stake.owner, locked_before, locked_after: stake.locked });
    Ok(())
}
