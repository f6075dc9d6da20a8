//! `nosana rewards sync`: settle positions and update them to their stakes' weights.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use clap::Args;
use nosana_client::{
    actions, earnings,
    rewards::{accounts::Position, instructions::Sync},
    staking::accounts::Stake,
};
use serde_json::json;
use solana_address::Address;

use super::{payout::send_and_print, position::ensure_position};
use crate::commands::{
    connection::ConnectionOptions,
    context::CliContext,
    values::{parse_address, print_json},
};

/// A position of anyone, or all that have too much weight.
#[derive(Debug, Args)]
pub struct SyncOptions {
    /// Wallet whose stake the position belongs to; defaults to the key's
    #[arg(long, value_parser = parse_address)]
    owner: Option<Address>,
    /// Sync the position of what others delegated to that stake
    #[arg(long)]
    delegated: bool,
    /// Sync each position that has more weight than its stake, because somebody left without
    /// settling it: what it earned since then goes back to all stakers
    #[arg(long, conflicts_with_all = ["owner", "delegated"])]
    all: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Settles positions and updates them to their stakes' current weights.
pub async fn sync_positions(options: SyncOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let as_json = options.connection.is_json();
    if options.all {
        return sync_all(&ctx, as_json).await;
    }

    let owner = options.owner.unwrap_or_else(|| ctx.address());
    let sync =
        if options.delegated { actions::sync_delegated(owner) } else { actions::sync(owner) };

    if owner == ctx.address() && !options.delegated {
        ensure_position(&ctx).await?;
    } else {
        let found = ctx.session.find_account::<Position>(&sync.position).await?;
        ensure!(
            found.is_some(),
            "`{owner}` has no such position in the reward pool; check the address, and whether to \
             give `--delegated`"
        );
    }

    send_and_print(&ctx, sync, as_json).await
}

/// Syncs each position that has more weight than its stake.
async fn sync_all(ctx: &CliContext, as_json: bool) -> Result<()> {
    let lagging = find_lagging(ctx).await?;
    for &(position, stake) in &lagging {
        ctx.send(Sync { position, stake }).await?;
    }

    if as_json {
        let synced: Vec<_> = lagging.iter().map(|(position, _)| position.to_string()).collect();
        return print_json(&json!({ "synced": synced }));
    }
    println!("synced {} positions", lagging.len());
    Ok(())
}

/// Returns the positions that have more weight than their stakes, each with its stake.
async fn find_lagging(ctx: &CliContext) -> Result<Vec<(Address, Address)>> {
    let positions = ctx.session.list_accounts::<Position>(&[]).await?;
    let stakes: HashMap<_, _> =
        ctx.session.list_accounts::<Stake>(&[]).await?.into_iter().collect();

    let is_lagging = |position: &Position| {
        position.weight > earnings::position_weight(position, stakes.get(&position.stake))
    };
    Ok(positions
        .into_iter()
        .filter(|(_, position)| is_lagging(position))
        .map(|(address, position)| (address, position.stake))
        .collect())
}
