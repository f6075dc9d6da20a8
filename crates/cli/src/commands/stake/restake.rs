//! `nosana stake restake`: cancel the cooldown.

use anyhow::Result;
use nosana_client::actions;

use super::{options::StakeOptions, overview::print_own_stake};

/// Cancels the cooldown of the key's stake.
pub async fn cancel_cooldown(options: StakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    ctx.send(actions::restake(ctx.address())).await?;
    print_own_stake(&ctx, options.connection.is_json()).await
}
