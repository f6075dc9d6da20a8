//! `nosana rewards show`: the pool, and the key's position and streams.

use anyhow::Result;

use super::{options::PositionOptions, overview::print_overview};

/// Shows the pool.
pub async fn show_pool(options: PositionOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    print_overview(&ctx, options.connection.is_json()).await
}
