//! `nosana rewards drip`: turn the due part of a stream into income.

use anyhow::Result;
use nosana_client::{actions, pda};

use super::{options::StreamOptions, overview::print_overview};

/// Drips one of the key's streams.
pub async fn drip_stream(options: StreamOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    let stream = pda::rewards::stream(&ctx.address(), options.id);
    ctx.send(actions::drip(stream)).await?;
    print_overview(&ctx, options.connection.is_json()).await
}
