use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
use nosana_protocol::units::UnixTimestamp;

use super::undelegate::store_cooldown;
use crate::{
    constants::UNSETTLED_DELAY,
    errors::{StakingError, overflow_error},
    state::{Delegation, Stake},
};

/// # Specification
/// - Only the delegator; only once. It needs no other program: nobody has to stay because the
///   rewards program refuses.
/// - What the position of the delegations has earned since its last settlement counts at the weight
///   of those who remain; this delegation's part of it goes back to the pool. What the position was
///   settled for before and nobody collected stays with those who remain, or with the node if there
///   are none. What this delegation was settled for stays its own.
/// - The delegated weight drops. The position of the delegations keeps its own until anyone calls
///   the `sync` of the rewards program, or the next instruction collects.
/// - The cooldown begins [`UNSETTLED_DELAY`] from now. A slash still takes its part of the shares.
#[derive(Accounts)]
pub struct UndelegateUnsettled {
    #[account(address = delegation.delegator @ StakingError::NotDelegator)]
    pub delegator: Signer,
    #[account(mut, address = delegation.stake @ StakingError::WrongAccount)]
    pub stake: Account<Stake>,
    #[account(mut)]
    pub delegation: Account<Delegation>,
}

pub fn process_undelegate_unsettled(ctx: &mut Context<UndelegateUnsettled>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require!(!accounts.delegation.is_undelegated(), StakingError::AlreadyUndelegated);
    let begin = UnixTimestamp(unix_now()?).checked_add(UNSETTLED_DELAY).map_err(overflow_error)?;

    let mut delegation = accounts.delegation.to_protocol();
    let mut delegated = accounts.stake.to_delegated();
    delegated.settle_delegation(&mut delegation).map_err(overflow_error)?;
    delegated.start_cooldown(delegation.shares).map_err(overflow_error)?;
    accounts.stake.store_delegated_and_weight(&delegated).map_err(overflow_error)?;

    store_cooldown(&mut accounts.stake, &mut accounts.delegation, (&delegated, &delegation), begin)
}
