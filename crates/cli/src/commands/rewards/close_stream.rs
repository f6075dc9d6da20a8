//! `nosana rewards close-stream`: close or cancel a stream.

use anyhow::{Context, Result};
use nosana_client::{actions, pda, rewards::accounts::Stream};

use super::{options::StreamOptions, overview::print_overview};

/// Closes one of the key's streams.
pub async fn close_stream(options: StreamOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let owner = ctx.address();
    let id = options.id;

    let stream = ctx.session.find_account::<Stream>(&pda::rewards::stream(&owner, id)).await?;
    stream.with_context(|| {
        format!("{owner} has no stream {id}; `nosana rewards show` lists the streams")
    })?;

    ctx.send(actions::close_stream(owner, owner, ctx.mint, id)).await?;
    print_overview(&ctx, options.connection.is_json()).await
}
