//! `nosana node status`: a node's state and earnings, and what its owner could do next.

use anyhow::Result;
use clap::Args;
use nosana_client::{
    jobs::{self, accounts::Node},
    staking::accounts::Stake,
};
use serde_json::{Value, json};
use solana_address::Address;

use super::{
    owner_state::OwnerState,
    reachability::Reachability,
    slots::{NodeSlot, SlotUse, fetch_slots},
};
use crate::commands::{
    connection::ConnectionOptions,
    context::CliContext,
    values::{format_bps, format_memory, format_nos, format_xnos, parse_address, print_json},
};

/// The owner.
#[derive(Debug, Args)]
pub struct StatusOptions {
    /// Wallet that owns the node, or the node; defaults to the key's node
    #[arg(value_parser = parse_address, value_name = "OWNER|NODE")]
    owner: Option<Address>,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// A node's status.
struct Status {
    state: OwnerState,
    slots: Vec<NodeSlot>,
    reputation_bps: u16,
    /// Base units that settled jobs owe the node.
    unpaid: u64,
    reachability: Reachability,
}

/// Shows the node.
pub async fn show_status(options: StatusOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let owner = match options.owner {
        Some(address) => find_owner(&ctx, address).await?,
        None => ctx.address(),
    };

    let state = OwnerState::fetch(&ctx, owner).await?;
    let slots = match &state.node {
        Some(node) => fetch_slots(&ctx.session, &state.node_address, node).await?,
        None => Vec::new(),
    };
    let unpaid = state.fetch_unpaid_jobs(&ctx).await?.iter().map(|(_, job)| job.node_credit).sum();
    let reachability = match &state.node {
        Some(node) => Reachability::probe(&ctx, state.node_address, node).await,
        None => Reachability::NotAnnounced,
    };
    let reputation_bps = state.reputation_bps()?;
    let status = Status { reputation_bps, state, slots, unpaid, reachability };

    if options.connection.is_json() {
        return print_json(&status.to_json());
    }
    status.print_text();
    for step in status.next_steps() {
        println!("next         {step}");
    }
    Ok(())
}

/// Returns the owner of the node at `address`; if no node is there, it is a wallet's.
async fn find_owner(ctx: &CliContext, address: Address) -> Result<Address> {
    match ctx.session.fetch_raw_account(&address).await? {
        Some(account) if account.owner == jobs::ID => {
            Ok(ctx.session.fetch_account::<Node>(&address).await?.authority)
        }
        Some(_) | None => Ok(address),
    }
}

impl Status {
    fn to_json(&self) -> Value {
        let Self { state, .. } = self;
        let idle = state.idle_collateral();

        json!({
            "owner": state.owner.to_string(),
            "address": state.node_address.to_string(),
            "registered": state.node.is_some(),
            "node": state.node.as_ref().map(|node| self.node_to_json(node)),
            "endpoint": self.reachability.to_json(),
            "stake": state.stake.as_ref().map(|stake| backing_to_json(stake, idle)),
            "unpaid": self.unpaid,
            "claimable_rewards": state.rewards,
            "next": self.next_steps(),
        })
    }

    fn node_to_json(&self, node: &Node) -> Value {
        json!({
            "payout": node.payout.to_string(),
            "draining": node.draining != 0,
            "capacity": node.capacity,
            "slots": self.slots.iter().map(|slot| slot.to_json()).collect::<Vec<_>>(),
            "jobs_completed": node.jobs_completed,
            "jobs_failed": node.jobs_failed,
            "reputation_bps": self.reputation_bps,
            "earned": node.earned,
            "panel_weight": node.panel_weight,
            "panels_right": node.panels_right,
            "panels_overruled": node.panels_overruled,
            "prompt_tokens_per_second": node.prompt_tokens_per_second,
            "vram_mib": node.vram_mib,
            "hardware": nosana_job_spec::Digest(node.hardware).to_string(),
        })
    }

    fn print_text(&self) {
        let Self { state, .. } = self;
        println!("owner        {}", state.owner);

        match &state.node {
            None => println!("node         not registered"),
            Some(node) => self.print_node(node),
        }
        match &state.stake {
            None => println!("stake        none"),
            Some(stake) => print_stake_lines(stake, state.idle_collateral()),
        }

        println!(
            "to claim     {} of jobs, {} of rewards, {} of commission",
            format_nos(self.unpaid),
            format_nos(state.rewards.unwrap_or(0)),
            format_nos(state.owed_commission())
        );
    }

    fn print_node(&self, node: &Node) {
        let draining = if node.draining == 0 { "" } else { ", draining" };
        println!("node         {}{draining}", self.state.node_address);
        println!(
            "hardware     reads {} tokens a second, {}",
            node.prompt_tokens_per_second,
            format_memory(node.vram_mib)
        );

        for (index, slot) in self.slots.iter().enumerate() {
            println!("slot {:<7} {}", index + 1, slot.describe(self.state.now));
        }

        println!("reached at   {}", self.reachability.describe());
        println!("jobs         {} finished, {} failed", node.jobs_completed, node.jobs_failed);
        println!("reputation   {}", format_bps(self.reputation_bps));
        println!("earned       {}", format_nos(node.earned));
        if node.panel_weight > 0 || node.panels_right > 0 || node.panels_overruled > 0 {
            println!(
                "panels       enrolled with {}; {} votes paid, {} overruled",
                format_xnos(node.panel_weight),
                node.panels_right,
                node.panels_overruled
            );
        }
    }

    /// What the owner could do next, the most useful first.
    fn next_steps(&self) -> Vec<&'static str> {
        let Self { state, .. } = self;
        let has_node = state.node.is_some();
        let has_stake = state.stake.is_some();
        let is_cooling = state.is_cooling_down();
        let is_draining = state.is_draining();
        let is_ready = has_node && has_stake && state.can_be_paid && !is_cooling;
        let is_idle =
            self.slots.iter().all(|slot| matches!(slot.usage, SlotUse::Free | SlotUse::Resting(_)));
        let is_owed = self.unpaid > 0
            || state.rewards.is_some_and(|earned| earned > 0)
            || state.owed_commission() > 0;

        let steps = [
            (!has_node, "`nosana node setup` stakes, measures the GPU and registers the node"),
            (has_node && !has_stake, "`nosana node setup` stakes what a market requires"),
            (
                has_node && !state.can_be_paid,
                "`nosana node setup` creates the token account that is paid again",
            ),
            (
                is_cooling,
                "`nosana stake restake` cancels the cooldown: without weight the node gets no jobs",
            ),
            (is_ready && is_draining, "`nosana node drain --off` takes jobs again"),
            (is_ready && !is_draining && is_idle, "`nosana node run` takes jobs"),
            (is_owed, "`nosana node claim` claims what is owed"),
            (
                is_ready && state.rewards.is_none(),
                "`nosana rewards enter` opens a position, which earns a part of the fees",
            ),
        ];
        steps.into_iter().filter(|(applies, _)| *applies).map(|(_, step)| step).collect()
    }
}

fn backing_to_json(stake: &Stake, idle: u64) -> Value {
    json!({
        "amount": stake.amount,
        "locked": stake.locked,
        "idle_collateral": idle,
        "xnos": stake.xnos,
        "delegated": stake.delegated,
        "delegated_xnos": stake.delegated_xnos,
        "in_cooldown": stake.unstaked_at != 0,
        "commission_owed": stake.commission_owed,
    })
}

fn print_stake_lines(stake: &Stake, idle: u64) {
    let cooldown = if stake.unstaked_at == 0 { "" } else { ", in its cooldown" };
    let delegated = format_nos(stake.delegated);

    println!("stake        {}, {}{cooldown}", format_nos(stake.amount), format_xnos(stake.xnos));
    println!("locked       {} of it as collateral of jobs", format_nos(stake.locked));
    if idle > 0 {
        let idle = format_nos(idle);
        println!(
            "idle         {idle} of that, for the next jobs: `nosana node release` releases it"
        );
    }
    println!("delegated    {delegated}, {}", format_xnos(stake.delegated_xnos));
}
