use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids, unix_now};
use nosana_protocol::units::{Seconds, UnixTimestamp};

use crate::{
    cpi_calls,
    errors::{StakingError, overflow_error},
    events::Unstaked,
    state::{Stake, StakeInvariant},
};

/// # Specification
/// - Only the owner; only once.
/// - The weight drops to zero, and the position in the reward pool is settled with it: earning ends
///   at once.
/// - Locked collateral stays locked.
/// - Calls the rewards program; [`unstake_unsettled`](super::unstake_unsettled) does not.
#[derive(Accounts)]
pub struct Unstake {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut)]
    pub stake: Account<Stake>,
    /// CHECK: the rewards program checks it; nothing reads it if there is no position.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the address that the stake names; the rewards program checks its content.
    #[account(mut, address = stake.position @ StakingError::WrongAccount)]
    pub position: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
}

pub fn process_unstake(ctx: &mut Context<Unstake>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let weight_before = accounts.stake.xnos;
    let event = start_cooldown(&mut accounts.stake, UnixTimestamp(unix_now()?))?;
    cpi_calls::sync_position(
        &mut accounts.pool,
        &mut accounts.position,
        &mut accounts.stake,
        weight_before,
    );

    log_event(event);
    Ok(())
}

/// Starts the cooldown of `stake` at `begin`, and returns the event to emit.
pub fn start_cooldown(stake: &mut Stake, begin: UnixTimestamp) -> Result<Unstaked> {
    require!(!stake.is_unstaked(), StakingError::AlreadyUnstaked);

    stake.unstaked_at = begin.0;
    stake.update_weight().map_err(overflow_error)?;
    stake.invariant()?;

    let duration = Seconds(stake.duration_seconds);
    Ok(Unstaked {
        owner: stake.owner,
        amount: stake.amount,
        unstaked_at: begin.0,
        released_at: begin.checked_add(duration).map_err(overflow_error)?.0,
    })
}
