//! `nosana node setup`: from a wallet to a node that a market takes.

mod hardware;
mod money;
mod needs;
mod steps;

use anyhow::{Result, ensure};
use clap::Args;
use nosana_client::{
    jobs::{accounts::Market, types::MarketTerms},
    pda,
    staking::accounts::Config as StakingConfig,
};
use serde_json::json;
use solana_address::Address;
use tokio::task::spawn_blocking;

use self::{
    needs::{Need, Plan, Wish},
    steps::Steps,
};
use super::{facts::Facts, gpus::Choice};
use crate::{
    amount::Nos,
    commands::{connection::Connection, nos},
};

/// What the owner wants.
#[derive(Debug, Args)]
pub struct Options {
    /// Market to work in; by default the only one there is
    #[arg(short, long, value_parser = crate::commands::address)]
    market: Option<Address>,
    /// NOS to have staked altogether; by default the least that the market takes
    #[arg(long)]
    stake: Option<Nos>,
    /// Length of the stake's cooldown in days, 14 to 365; by default that of the stake there is, or
    /// 14
    #[arg(long, value_parser = clap::value_parser!(u64).range(14..=365))]
    days: Option<u64>,
    /// Jobs at a time; by default what is registered, or one for each GPU
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=8))]
    slots: Option<u8>,
    #[command(flatten)]
    gpus: Choice,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Looks at everything first, and does nothing unless all of it can be done.
pub async fn run(options: Options) -> Result<()> {
    let gpus = options.gpus.together()?;
    let open = options.connection.open().await?;
    let (address, market) = open.market(options.market).await?;
    let facts = Facts::read(&open, open.client()).await?;
    let mut steps =
        Steps { open: &open, yes: options.yes, json: options.connection.json(), done: Vec::new() };
    check(&facts, &market)?;
    let (owner, collection) = (facts.owner, market.terms.access_collection);
    ensure!(
        collection == Address::default()
            || open.session.find_access(&owner, &collection).await?.is_some(),
        "the market is for holders of a token of the collection {collection}, and {owner} has none: get one, or choose \
         another market with --market"
    );
    steps.say(&format!("wallet      {}", facts.owner));
    steps.say(&format!(
        "            {}, {}",
        money::sol(facts.lamports),
        nos(facts.tokens.unwrap_or(0).into())
    ));

    let (node, terms) = (facts.node, &market.terms);
    let (slots, asks) = (options.slots, *terms);
    let seen = spawn_blocking(move || hardware::look(&gpus, node.as_ref(), slots, &asks)).await??;
    steps.say(&format!("machine     {}", seen.tell()));
    seen.machine.check(terms)?;

    let parallel = u16::from(seen.hardware.capacity).min(terms.max_parallel);
    let need = Need {
        min_xnos: terms.min_xnos,
        collateral: terms.collateral_per_job.saturating_mul(parallel.into()),
        min_stake: open.session.account::<StakingConfig>(&pda::staking::config()).await?.min_stake,
    };
    steps.say(&format!("market      {address}"));
    steps.say(&format!("            {}", asked(terms, parallel)));
    let wish = Wish { amount: options.stake.map(|stake| stake.0), days: options.days };
    let plan = Plan::new(facts.stake.as_ref(), need, wish)?;
    let backed = facts.stake.as_ref().map_or(0, |stake| stake.delegated_xnos);
    let with =
        if backed > 0 { format!("with {} delegated, ", xnos(backed)) } else { String::new() };
    let (least, days) = (nos(plan.least.into()), plan.duration_seconds / needs::DAY);
    steps.say(&format!("            {with}a stake of {least} for {days} days is enough\n"));
    money::check(&open, &facts, &plan, money::lamports(&open, &facts, &plan).await?)?;

    steps.payout(&facts).await?;
    steps.stake(&facts, &plan).await?;
    steps.node(&facts, &seen).await?;
    if facts.node.as_ref().is_some_and(|node| node.draining != 0) {
        steps.say("\nThe node drains: `nosana node drain --off` lets it take jobs again.");
    } else {
        steps.say("\nReady: `nosana node run` takes jobs.");
    }
    if steps.json {
        let all = json!({
            "owner": facts.owner.to_string(),
            "node": facts.node_address.to_string(),
            "market": address.to_string(),
            "adapter": seen.machine.commitment.adapter,
            "gflops": seen.hardware.gflops,
            "vram_mib": seen.hardware.vram_mib,
            "capacity": seen.hardware.capacity,
            "stake": { "amount": plan.amount, "xnos": plan.xnos, "duration_seconds": plan.duration_seconds },
            "steps": steps.done,
        });
        println!("{}", serde_json::to_string_pretty(&all)?);
    }
    Ok(())
}

/// What a market asks of a node that works on so many jobs at a time.
fn asked(terms: &MarketTerms, parallel: u16) -> String {
    let (weight, collateral) = (xnos(terms.min_xnos), nos(terms.collateral_per_job.into()));
    let mut asked =
        format!("asks for {weight}, and {collateral} of collateral a job, {parallel} at a time");
    if terms.min_gflops > 0 {
        asked.push_str(&format!("; {} GFLOP/s", terms.min_gflops));
    }
    if terms.min_vram_mib > 0 {
        asked.push_str(&format!("; {} MiB of GPU memory", terms.min_vram_mib));
    }
    asked
}

/// A weight in base units, for people.
fn xnos(weight: u64) -> String {
    nos(weight.into()).replace("NOS", "xNOS")
}

/// Fails if the market takes no node at all, or not this one, whatever it does.
fn check(facts: &Facts, market: &Market) -> Result<()> {
    let terms = &market.terms;
    ensure!(
        market.retired == 0,
        "the market is retired and takes nothing new: choose another with --market"
    );
    let reputation = facts.reputation_bps()?;
    ensure!(
        reputation >= terms.min_reputation_bps,
        "the market asks for a reputation of {} basis points and the node has {reputation}: work in another first, \
         with --market",
        terms.min_reputation_bps
    );
    Ok(())
}
