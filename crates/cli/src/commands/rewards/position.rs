//! The position of the key's stake in the reward pool.

use anyhow::{Result, ensure};
use nosana_client::{
    earnings, pda,
    rewards::accounts::{Pool, Position},
    staking::accounts::Stake,
};
use nosana_protocol::units::UnixTimestamp;

use crate::commands::context::CliContext;

/// Whether the key's stake has a position.
pub async fn has_position(ctx: &CliContext) -> Result<bool> {
    let address = pda::rewards::position(&ctx.address());
    Ok(ctx.session.find_account::<Position>(&address).await?.is_some())
}

/// Fails if the key's stake has no position and so earns nothing.
pub async fn ensure_position(ctx: &CliContext) -> Result<()> {
    ensure!(
        has_position(ctx).await?,
        "the stake has no position in the reward pool; `nosana rewards enter` opens one"
    );
    Ok(())
}

/// What the position of `stake` has earned by `now`, in base units. If that overflows, only what it
/// had earned when it was last updated.
pub fn claimable_amount(
    pool: &Pool,
    position: &Position,
    stake: Option<&Stake>,
    now: UnixTimestamp,
) -> u64 {
    earnings::compute_claimable(pool, position, stake, now).unwrap_or(position.accrued)
}
