//! `nosana stake unstake`: start the cooldown.

use anyhow::Result;
use clap::Args;
use nosana_client::actions;
use nosana_protocol::units::SECONDS_PER_DAY;

use super::{account::fetch_own_stake, overview::print_own_stake};
use crate::{
    commands::{connection::ConnectionOptions, values::format_nos},
    confirm::ensure_confirmed,
};

/// The key's stake, for a command that asks first.
#[derive(Debug, Args)]
pub struct UnstakeOptions {
    /// Call no other program, if the rewards program refuses; the cooldown begins a day later, and
    /// what was earned since the last settlement goes to all stakers
    #[arg(long)]
    unsettled: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Starts the cooldown of the key's stake.
pub async fn start_cooldown(options: UnstakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let stake = fetch_own_stake(&ctx).await?;

    eprintln!("unstakes {}: weight and rewards end now", format_nos(stake.amount));
    eprintln!("         it is released over {} days", stake.duration_seconds / SECONDS_PER_DAY);
    ensure_confirmed("Start the cooldown?", options.yes)?;

    if options.unsettled {
        ctx.send(actions::unstake_unsettled(ctx.address())).await?;
    } else {
        ctx.send(actions::unstake(ctx.address())).await?;
    }
    print_own_stake(&ctx, options.connection.is_json()).await
}
