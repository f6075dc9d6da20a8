//! `nosana node drain`: take no new jobs, and finish the running ones.

use anyhow::{Context, Result};
use clap::Args;
use nosana_client::{actions, jobs::accounts::Node, pda};
use serde_json::json;

use super::slots::{SlotUse, fetch_slots};
use crate::commands::{connection::ConnectionOptions, values::print_json};

/// On or off.
#[derive(Debug, Args)]
pub struct DrainOptions {
    /// Take new jobs again
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Starts or ends draining, unless the node is in that state already.
pub async fn set_draining(options: DrainOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let owner = ctx.address();
    let address = pda::jobs::node(&owner);
    let node = ctx
        .session
        .find_account::<Node>(&address)
        .await?
        .with_context(|| format!("{owner} has no node; `nosana node setup` registers one"))?;

    let draining = !options.off;
    let changed = (node.draining != 0) != draining;
    if changed {
        ctx.send(actions::set_draining(owner, draining)).await?;
    }

    let slots = fetch_slots(&ctx.session, &address, &node).await?;
    let waiting = slots.iter().filter(|slot| slot.usage == SlotUse::Waiting).count();
    let busy = slots.iter().filter(|slot| slot.usage.holds_job()).count();
    if options.connection.is_json() {
        return print_json(&json!({
            "node": address.to_string(),
            "draining": draining,
            "changed": changed,
            "waiting_slots": waiting,
            "busy_slots": busy,
        }));
    }

    println!("{}", describe_draining(draining, changed));
    if draining && busy > 0 {
        println!(
            "{busy} of its slots hold a job, which continues: finish or give back what it has"
        );
    }
    if draining && waiting > 0 {
        println!(
            "{waiting} of its slots wait in a queue and may still get a job; \
             stop `nosana node run` to leave the queue"
        );
    }
    Ok(())
}

const fn describe_draining(draining: bool, changed: bool) -> &'static str {
    match (draining, changed) {
        (true, true) => "the node drains: it takes no new jobs",
        (true, false) => "the node drains already",
        (false, true) => "the node takes jobs again",
        (false, false) => "the node does not drain: it takes jobs",
    }
}
