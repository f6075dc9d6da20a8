use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids};
use nosana_protocol::{seeds, units::WHOLE_BPS};

use crate::{
    errors::StakingError,
    events::DelegationOffered,
    state::{Stake, StakeInvariant},
};

/// # Specification
/// - Only the owner of the stake. Accepting requires a stake that is not in its cooldown, and a
///   position of its delegations in the reward pool, without which they would earn nothing.
/// - The commission applies to later deposits; existing delegations keep theirs until then.
/// - While there are no delegated shares, the cooldown of delegations becomes the stake's own.
///   After that it stays, even if the stake's own changes.
#[derive(Accounts)]
pub struct SetDelegation {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut)]
    pub stake: Account<Stake>,
    /// CHECK: derived here; the handler checks that the rewards program owns it.
    #[account(seeds = [seeds::POSITION, stake], bump, seeds::program = ids::REWARDS)]
    pub delegated_position: UncheckedAccount,
}

pub fn process_set_delegation(
    ctx: &mut Context<SetDelegation>,
    accepting: bool,
    commission_bps: u16,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require!(commission_bps <= WHOLE_BPS, StakingError::CommissionOutOfRange);
    let stake = &mut accounts.stake;
    if accepting {
        require!(!stake.is_unstaked(), StakingError::AlreadyUnstaked);
        require!(
            accounts.delegated_position.account().owned_by(&ids::REWARDS),
            StakingError::NoPosition
        );
    }

    if stake.delegated_shares == 0 {
        stake.delegated_duration_seconds = stake.duration_seconds;
    }
    stake.delegated_position = *accounts.delegated_position.address();
    stake.accepts_delegation = accepting.into();
    stake.commission_bps = commission_bps;
    stake.invariant()?;

    log_event(DelegationOffered {
        owner: stake.owner,
        accepting: accepting.into(),
        commission_bps: commission_bps.into(),
        duration_seconds: stake.delegated_duration_seconds,
    });
    Ok(())
}
