//! `nosana node drain`: no new jobs, and what runs goes on.

use anyhow::{Context, Result};
use clap::Args;
use nosana_client::{actions, jobs::accounts::Node, pda};
use serde_json::json;

use super::slots::{self, Use};
use crate::commands::connection::Connection;

/// On or off.
#[derive(Debug, Args)]
pub struct Options {
    /// Take new jobs again
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Sets it, unless it is so already.
pub async fn run(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let (owner, draining) = (open.client(), !options.off);
    let address = pda::jobs::node(&owner);
    let node = open.session.find_account::<Node>(&address).await?;
    let node =
        node.with_context(|| format!("{owner} has no node: `nosana node setup` registers one"))?;
    let changed = (node.draining != 0) != draining;
    if changed {
        open.send(actions::set_draining(owner, draining)).await?;
    }
    let uses = slots::uses(&open.session, &address, &node).await?;
    let count = |wanted: fn(&Use) -> bool| uses.iter().filter(|one| wanted(&one.state)).count();
    let (waiting, busy) = (count(|one| matches!(one, Use::Waiting)), count(Use::holds_job));
    if options.connection.json() {
        let all = json!({ "node": address.to_string(), "draining": draining, "changed": changed,
                          "waiting_slots": waiting, "busy_slots": busy });
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    match (draining, changed) {
        (true, true) => println!("the node drains: it takes no new jobs"),
        (true, false) => println!("the node drains already"),
        (false, true) => println!("the node takes jobs again"),
        (false, false) => println!("the node does not drain: it takes jobs"),
    }
    if draining && busy > 0 {
        println!("{busy} of its slots hold a job, which goes on: finish or give back what it has");
    }
    if draining && waiting > 0 {
        println!(
            "{waiting} of its slots wait in a queue, where a job may still meet them: stop `nosana node run` to leave"
        );
    }
    Ok(())
}
