use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;

use crate::{
    errors::{StakingError, overflow_error},
    events::StakeClosed,
    state::Stake,
};

/// # Specification
/// - Only the owner; only when the vault holds nothing of this stake, so nothing is locked either.
/// - Only without open delegations and unclaimed commission: delegators need this account to
///   withdraw.
/// - The rent goes to the owner. A position in the reward pool has had no weight since unstaking.
#[derive(Accounts)]
pub struct CloseStake {
    #[account(mut, address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut, close = owner)]
    pub stake: Account<Stake>,
}

pub fn process_close(ctx: &mut Context<CloseStake>) -> Result<()> {
    let stake = &ctx.accounts.stake;
    require!(stake.is_unstaked(), StakingError::NotUnstaked);
    require!(stake.in_vault().map_err(overflow_error)? == 0, StakingError::StakeNotEmpty);
    require!(
        stake.delegation_count == 0 && stake.commission_owed == 0,
        StakingError::DelegationsLeft
    );

    log_event(StakeClosed { owner: stake.owner });
    Ok(())
}
