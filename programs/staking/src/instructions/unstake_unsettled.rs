use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, unix_now};
use nosana_protocol::units::UnixTimestamp;

use super::unstake::start_cooldown;
use crate::{
    constants::UNSETTLED_DELAY,
    errors::{StakingError, overflow_error},
    state::Stake,
};

/// # Specification
/// - Only the owner; only once. It needs no other program: nobody has to be in a stake because the
///   rewards program refuses.
/// - The weight drops to zero. The position in the reward pool keeps its own until anyone calls the
///   `sync` of the rewards program. What it earned since its last settlement then goes back to the
///   pool.
/// - The cooldown begins [`UNSETTLED_DELAY`] from now, the price for a weight that others have to
///   settle. Locked collateral stays locked.
#[derive(Accounts)]
pub struct UnstakeUnsettled {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut)]
    pub stake: Account<Stake>,
}

pub fn process_unstake_unsettled(ctx: &mut Context<UnstakeUnsettled>) -> Result<()> {
    let begin = UnixTimestamp(unix_now()?).checked_add(UNSETTLED_DELAY).map_err(overflow_error)?;
    let event = start_cooldown(&mut ctx.accounts.stake, begin)?;

    log_event(event);
    Ok(())
}
