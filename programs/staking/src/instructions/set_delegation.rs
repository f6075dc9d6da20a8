use anchor_lang::prelude::*;
use nosana_program_common::ids;
use nosana_protocol::{seeds, units::WHOLE_BPS};

use crate::{errors::StakingError, events::DelegationOffered, state::Stake};

/// # Specification
/// - Only the owner of the stake. Accepting needs a stake that is not in its cooldown, and a
///   position of its delegations in the reward pool, without which they would earn nothing.
/// - The commission is that of later deposits; what is delegated already keeps the one that it was
///   delegated under.
/// - While nobody has delegated, the cooldown of delegations becomes the stake's own. After that it
///   stays, whatever the stake's becomes.
#[derive(Accounts)]
pub struct SetDelegation {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut)]
    pub stake: Account<Stake>,
    /// CHECK: derived here; whether it is there is asked.
    #[account(seeds = [seeds::POSITION, stake], bump, seeds::program = ids::REWARDS)]
    pub delegated_position: UncheckedAccount,
}

pub fn handler(
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
    emit!(DelegationOffered {
        owner: stake.owner,
        accepting: accepting.into(),
        commission_bps: commission_bps.into(),
        duration_seconds: stake.delegated_duration_seconds,
    });
    Ok(())
}
