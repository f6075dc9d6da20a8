//! `nosana stake undelegate`: start the cooldown of a delegation.

use anyhow::{Context, Result};
use clap::Args;
use nosana_client::actions;
use nosana_protocol::units::SECONDS_PER_DAY;
use solana_address::Address;

use super::{account::find_stake, overview::print_own_stake};
use crate::{
    commands::{connection::ConnectionOptions, values::parse_address},
    confirm::ensure_confirmed,
};

/// The key's delegation to one node, for a command that asks first.
#[derive(Debug, Args)]
pub struct UndelegateOptions {
    /// Wallet that owns the node
    #[arg(value_parser = parse_address)]
    owner: Address,
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

/// Starts the cooldown of a delegation.
pub async fn start_undelegation(options: UndelegateOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let owner = options.owner;
    let stake = find_stake(&ctx, &owner)
        .await?
        .with_context(|| format!("{owner} has no stake; `nosana stake show` lists delegations"))?;

    let days = stake.delegated_duration_seconds / SECONDS_PER_DAY;
    eprintln!("The delegation earns nothing from now on, and is released over {days} days.");
    eprintln!("This cannot be undone, and you can delegate to this node again only after");
    eprintln!("withdrawing all of it.");
    ensure_confirmed("Start the cooldown?", options.yes)?;

    let delegator = ctx.address();
    if options.unsettled {
        ctx.send(actions::undelegate_unsettled(delegator, owner)).await?;
    } else {
        ctx.send(actions::undelegate(delegator, delegator, owner)).await?;
    }
    print_own_stake(&ctx, options.connection.is_json()).await
}
