//! `nosana stake extend`: extend the cooldown.

use anyhow::Result;
use clap::Args;
use nosana_client::actions;
use nosana_protocol::units::SECONDS_PER_DAY;

use super::{account::fetch_own_stake, overview::print_own_stake};
use crate::{
    commands::{connection::ConnectionOptions, values::format_nos},
    confirm::ensure_confirmed,
};

/// The new cooldown.
#[derive(Debug, Args)]
pub struct ExtendStakeOptions {
    /// Length of the new cooldown in days, up to 365
    #[arg(value_parser = clap::value_parser!(u64).range(14..=365))]
    days: u64,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Extends the cooldown of the key's stake.
pub async fn extend_cooldown(options: ExtendStakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let stake = fetch_own_stake(&ctx).await?;

    eprintln!(
        "extends  the cooldown of {} to {} days; it cannot become shorter again",
        format_nos(stake.amount),
        options.days
    );
    ensure_confirmed("Extend it?", options.yes)?;

    ctx.send(actions::extend_stake(ctx.address(), options.days * SECONDS_PER_DAY)).await?;
    print_own_stake(&ctx, options.connection.is_json()).await
}
