//! `nosana stake compound`: add rewards to the stake.

use anyhow::Result;
use nosana_client::actions;

use super::{options::StakeOptions, overview::print_own_stake};
use crate::commands::rewards::position::ensure_position;

/// Adds what the stake's position has earned to the stake.
pub async fn compound_rewards(options: StakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    ensure_position(&ctx).await?;

    ctx.send(actions::compound(ctx.address())).await?;
    print_own_stake(&ctx, options.connection.is_json()).await
}
