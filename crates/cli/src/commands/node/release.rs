//! `nosana node release`: release the collateral that a node keeps for its next jobs.

use anyhow::{Context, Result};
use clap::Args;
use nosana_client::{
    Event, Receipt, actions,
    jobs::accounts::Node,
    pda,
    staking::{accounts::Stake, events::Event as StakingEvent},
};
use serde_json::json;

use crate::commands::{
    connection::ConnectionOptions,
    values::{format_nos, print_json},
};

/// The key's node.
#[derive(Debug, Args)]
pub struct ReleaseOptions {
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Releases what no slot, result or seat of the node uses. Sends nothing if that is nothing.
pub async fn release_collateral(options: ReleaseOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let owner = ctx.address();
    let address = pda::jobs::node(&owner);
    let node = ctx
        .session
        .find_account::<Node>(&address)
        .await?
        .with_context(|| format!("{owner} has no node; `nosana node setup` registers one"))?;

    let released = if node.idle_collateral > 0 {
        released_amount(&ctx.send(actions::release_collateral(owner)).await?)
    } else {
        0
    };
    let stake = ctx.session.find_account::<Stake>(&node.stake).await?;
    let locked = stake.map_or(0, |stake| stake.locked);

    if options.connection.is_json() {
        return print_json(&json!({
            "node": address.to_string(),
            "released": released,
            "locked": locked,
        }));
    }

    println!("{}", describe_release(released));
    if locked > 0 {
        println!("{} stay locked for slots, results and seats", format_nos(locked));
    }
    Ok(())
}

/// The base units that became free, according to the staking program's events. They can differ from
/// what was read before: the node may have begun or ended a job meanwhile.
fn released_amount(receipt: &Receipt) -> u64 {
    let amounts = receipt.events.iter().map(|event| match event {
        Event::Staking(StakingEvent::CollateralChanged(changed)) => {
            changed.locked_before.saturating_sub(changed.locked_after)
        }
        _ => 0,
    });
    amounts.sum()
}

fn describe_release(released: u64) -> String {
    match released {
        0 => "no collateral to release: the node keeps none for its next jobs".to_owned(),
        _ => format!("released {} of collateral", format_nos(released)),
    }
}
