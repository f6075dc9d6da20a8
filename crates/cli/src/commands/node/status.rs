//! `nosana node status`: what a node is, does, earned, and could do next.

use anyhow::Result;
use clap::Args;
use nosana_client::{jobs::accounts::Node, staking::accounts::Stake};
use serde_json::{Value, json};
use solana_address::Address;

use super::{
    facts::Facts,
    slots::{self, SlotUse, Use},
};
use crate::commands::{connection::Connection, nos};

/// Whose.
#[derive(Debug, Args)]
pub struct Options {
    /// The wallet that owns the node; by default that of the key
    #[arg(value_parser = crate::commands::address)]
    owner: Option<Address>,
    #[command(flatten)]
    connection: Connection,
}

/// Shows the node.
pub async fn run(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let owner = options.owner.unwrap_or_else(|| open.client());
    let facts = Facts::read(&open, owner).await?;
    let uses = match &facts.node {
        Some(node) => slots::uses(&open.session, &facts.node_address, node).await?,
        None => Vec::new(),
    };
    let unpaid: u64 = facts.unpaid(&open).await?.iter().map(|(_, job)| job.node_credit).sum();
    let (reputation, next) = (facts.reputation_bps()?, next(&facts, &uses, unpaid));
    if options.connection.json() {
        let all = json!({
            "owner": owner.to_string(),
            "address": facts.node_address.to_string(),
            "registered": facts.node.is_some(),
            "node": facts.node.as_ref().map(|node| describe(node, &uses, reputation)),
            "stake": facts.stake.as_ref().map(backing),
            "unpaid": unpaid,
            "claimable_rewards": facts.rewards,
            "next": next,
        });
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    tell(&facts, &uses, reputation, unpaid);
    for one in next {
        println!("next         {one}");
    }
    Ok(())
}

fn describe(node: &Node, uses: &[SlotUse], reputation: u16) -> Value {
    json!({
        "payout": node.payout.to_string(),
        "draining": node.draining != 0,
        "capacity": node.capacity,
        "slots": uses.iter().map(SlotUse::as_json).collect::<Vec<_>>(),
        "jobs_completed": node.jobs_completed,
        "jobs_failed": node.jobs_failed,
        "reputation_bps": reputation,
        "earned": node.earned,
        "gflops": node.gflops,
        "vram_mib": node.vram_mib,
        "hardware": nosana_job_spec::Digest(node.hardware).to_string(),
    })
}

fn backing(stake: &Stake) -> Value {
    json!({
        "amount": stake.amount,
        "locked": stake.locked,
        "xnos": stake.xnos,
        "delegated": stake.delegated,
        "delegated_xnos": stake.delegated_xnos,
        "in_cooldown": stake.unstaked_at != 0,
        "commission_owed": stake.commission_owed,
    })
}

fn tell(facts: &Facts, uses: &[SlotUse], reputation: u16, unpaid: u64) {
    let xnos = |weight: u64| nos(weight.into()).replace("NOS", "xNOS");
    println!("owner        {}", facts.owner);
    match &facts.node {
        None => println!("node         not registered"),
        Some(node) => {
            println!(
                "node         {}{}",
                facts.node_address,
                if node.draining == 0 { "" } else { ", draining" }
            );
            println!("hardware     {} GFLOP/s, {}", node.gflops, memory(node.vram_mib));
            for (index, one) in uses.iter().enumerate() {
                println!("slot {:<7} {}", index + 1, one.tell(facts.now));
            }
            println!("jobs         {} finished, {} failed", node.jobs_completed, node.jobs_failed);
            println!("reputation   {}.{:02} %", reputation / 100, reputation % 100);
            println!("earned       {}", nos(node.earned.into()));
        }
    }
    match &facts.stake {
        None => println!("stake        none"),
        Some(stake) => {
            let cooldown = if stake.unstaked_at == 0 { "" } else { ", in its cooldown" };
            println!("stake        {}, {}{cooldown}", nos(stake.amount.into()), xnos(stake.xnos));
            println!("locked       {} of it as collateral of jobs", nos(stake.locked.into()));
            println!(
                "delegated    {}, {}",
                nos(stake.delegated.into()),
                xnos(stake.delegated_xnos)
            );
        }
    }
    let rewards = facts.rewards.unwrap_or(0);
    let commission = facts.stake.as_ref().map_or(0, |stake| stake.commission_owed);
    println!(
        "to claim     {} of jobs, {} of rewards, {} of commission",
        nos(unpaid.into()),
        nos(rewards.into()),
        nos(commission.into())
    );
}

/// GPU memory in MiB; zero where the driver does not tell it.
pub fn memory(mib: u32) -> String {
    if mib == 0 { "memory unknown".to_owned() } else { format!("{mib} MiB of memory") }
}

/// What the owner could do, the most useful first.
fn next(facts: &Facts, uses: &[SlotUse], unpaid: u64) -> Vec<String> {
    let mut next = Vec::new();
    let mut could = |when: bool, what: &str| {
        if when {
            next.push(what.to_owned());
        }
    };
    let owed = facts.stake.as_ref().is_some_and(|stake| stake.commission_owed > 0);
    let cooling = facts.stake.as_ref().is_some_and(|stake| stake.unstaked_at != 0);
    let draining = facts.node.as_ref().is_some_and(|node| node.draining != 0);
    let idle = uses.iter().all(|one| matches!(one.state, Use::Free | Use::Resting(_)));
    let ready = facts.node.is_some() && facts.stake.is_some() && facts.can_be_paid && !cooling;
    could(
        facts.node.is_none(),
        "`nosana node setup` stakes, measures the GPU and registers the node",
    );
    could(
        facts.node.is_some() && facts.stake.is_none(),
        "`nosana node setup` stakes what a market asks for",
    );
    could(
        !facts.can_be_paid && facts.node.is_some(),
        "`nosana node setup` makes the token account that is paid again",
    );
    could(
        cooling,
        "`nosana stake restake` breaks the cooldown off: without weight the node gets no jobs",
    );
    could(ready && draining, "`nosana node drain --off` takes jobs again");
    could(ready && !draining && idle, "`nosana node run` takes jobs");
    could(
        unpaid > 0 || facts.rewards.is_some_and(|earned| earned > 0) || owed,
        "`nosana node claim` takes what is owed",
    );
    could(
        ready && facts.rewards.is_none(),
        "`nosana rewards enter` lets the stake earn its part of the fees",
    );
    next
}
