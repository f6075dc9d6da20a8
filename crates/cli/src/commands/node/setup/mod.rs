//! `nosana node setup`: from a wallet to a node that a market accepts.
//!
//! | module | purpose |
//! | --- | --- |
//! | `hardware` | detecting and measuring the machine |
//! | `plan` | the stake that the market requires |
//! | `funds` | whether the wallet can pay |
//! | `terms` | the market's terms, and accepting them |
//! | `steps` | the transactions |

mod funds;
mod hardware;
mod plan;
mod steps;
mod terms;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use nosana_client::{
    jobs::{accounts::Market, types::MarketTerms},
    pda,
    staking::accounts::Config as StakingConfig,
};
use nosana_protocol::{slot::NODE_SLOTS, units::SECONDS_PER_DAY};
use serde_json::json;
use solana_address::Address;
use tokio::task::spawn_blocking;

use self::{
    funds::check_funds,
    hardware::{DetectedHardware, detect_hardware},
    plan::{StakePlan, StakeRequirements, StakeWish},
    steps::SetupSteps,
    terms::{accept_terms, describe_terms},
};
use super::{gpu_options::GpuOptions, owner_state::OwnerState};
use crate::{
    amount::Nos,
    commands::{
        connection::ConnectionOptions,
        context::CliContext,
        values::{format_nos, format_sol, format_xnos, parse_address, print_json},
    },
};

/// What the owner wants.
#[derive(Debug, Args)]
pub struct SetupOptions {
    /// Address of the market to work in; defaults to the only open market
    #[arg(short, long, value_parser = parse_address)]
    market: Option<Address>,
    /// NOS to have staked in total; defaults to the least that the market accepts
    #[arg(long)]
    stake: Option<Nos>,
    /// Length of the stake's cooldown in days, 14 to 365; defaults to that of the existing stake,
    /// else to 14
    #[arg(long, value_parser = clap::value_parser!(u64).range(14..=365))]
    days: Option<u64>,
    /// Jobs at a time; defaults to the registered number, else to one for each GPU
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=i64::from(NODE_SLOTS)))]
    slots: Option<u8>,
    #[command(flatten)]
    gpus: GpuOptions,
    /// Folder for the node's state, as for `nosana node run`: keeps the price and the collateral of
    /// the market, which you accept now, so that the node never works on worse terms
    #[arg(long, env = "NOSANA_STATE")]
    state: Option<PathBuf>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Checks everything first, and sends nothing unless every step is possible.
pub async fn set_up_node(options: SetupOptions) -> Result<()> {
    let gpus = options.gpus.choose_devices()?;
    let ctx = options.connection.connect().await?;
    let (address, market) = ctx.fetch_market(options.market).await?;
    let terms = market.terms;
    let state = OwnerState::fetch(&ctx, ctx.address()).await?;
    let as_json = options.connection.is_json();
    let mut steps = SetupSteps { ctx: &ctx, yes: options.yes, as_json, done: Vec::new() };

    check_market(&state, &market)?;
    check_access(&ctx, &state.owner, &terms).await?;
    print_wallet(&steps, &state);

    let node = state.node;
    let slots = options.slots;
    let detected =
        spawn_blocking(move || detect_hardware(&gpus, node.as_ref(), slots, &terms)).await??;
    steps.print_line(&format!("machine     {}", detected.describe()));
    if let Some(advice) = &detected.unused_gpu {
        steps.print_line(&format!("            {advice}"));
    }
    detected.machine.check_hardware(&terms)?;

    let parallel = u16::from(detected.hardware.capacity).min(terms.max_parallel);
    let requirements = StakeRequirements {
        min_xnos: terms.min_xnos,
        collateral: terms.collateral_per_job.saturating_mul(parallel.into()),
        margin: terms.no_start_penalty.saturating_mul(parallel.into()),
        min_stake: ctx
            .session
            .fetch_account::<StakingConfig>(&pda::staking::config())
            .await?
            .min_stake,
    };
    let wish = StakeWish { amount: options.stake.map(|stake| stake.0), days: options.days };
    steps.print_line(&format!("market      {address}"));
    steps.print_line(&format!("            {}", describe_terms(&terms, parallel)));
    let plan = StakePlan::new(state.stake.as_ref(), requirements, wish)?;
    print_required_stake(&steps, &state, &plan);
    check_funds(&ctx, &state, &plan).await?;

    steps.open_payout_account(&state).await?;
    steps.adjust_stake(&state, &plan).await?;
    steps.register_node(&state, &detected).await?;
    accept_terms(&steps, options.state.as_deref(), &address, &terms)?;

    if state.is_draining() {
        steps.print_line("\nThe node drains: `nosana node drain --off` lets it take jobs again.");
    } else {
        let folder = options.state.as_ref().map(|folder| format!(" --state {}", folder.display()));
        let folder = folder.unwrap_or_default();
        steps.print_line(&format!("\nReady: `nosana node run{folder}` takes jobs."));
    }
    if as_json {
        print_summary(&address, &state, &detected, &plan, &steps)?;
    }
    Ok(())
}

/// Fails if the market accepts no node, or not this one whatever its owner stakes.
fn check_market(state: &OwnerState, market: &Market) -> Result<()> {
    ensure!(
        market.retired == 0,
        "the market is retired and accepts nothing new; choose another with --market"
    );

    let reputation = state.reputation_bps()?;
    let required = market.terms.min_reputation_bps;
    ensure!(
        reputation >= required,
        "the market requires a reputation of {required} basis points and the node has \
         {reputation}; work in another market first, with --market"
    );
    Ok(())
}

/// Fails if the market requires a token of a collection and the owner has none.
async fn check_access(ctx: &CliContext, owner: &Address, terms: &MarketTerms) -> Result<()> {
    let collection = terms.access_collection;
    if collection == Address::default() {
        return Ok(());
    }

    ensure!(
        ctx.session.find_access(owner, &collection).await?.is_some(),
        "the market requires a token of the collection {collection}, and {owner} has none; \
         get one, or choose another market with --market"
    );
    Ok(())
}

fn print_wallet(steps: &SetupSteps<'_>, state: &OwnerState) {
    let sol = format_sol(state.lamports);
    let nos = format_nos(state.tokens.unwrap_or(0));

    steps.print_line(&format!("wallet      {}", state.owner));
    steps.print_line(&format!("            {sol}, {nos}"));
}

fn print_required_stake(steps: &SetupSteps<'_>, state: &OwnerState, plan: &StakePlan) {
    let delegated = state.stake.as_ref().map_or(0, |stake| stake.delegated_xnos);
    let with_delegated = if delegated > 0 {
        format!("with {} delegated, ", format_xnos(delegated))
    } else {
        String::new()
    };
    let amount = format_nos(plan.min_amount);
    let days = plan.duration_seconds / SECONDS_PER_DAY;

    steps.print_line(&format!(
        "            {with_delegated}a stake of {amount} for {days} days is enough\n"
    ));
}

fn print_summary(
    market: &Address,
    state: &OwnerState,
    detected: &DetectedHardware,
    plan: &StakePlan,
    steps: &SetupSteps<'_>,
) -> Result<()> {
    let stake = json!({
        "amount": plan.amount,
        "xnos": plan.xnos,
        "duration_seconds": plan.duration_seconds,
    });

    print_json(&json!({
        "owner": state.owner.to_string(),
        "node": state.node_address.to_string(),
        "market": market.to_string(),
        "device": detected.machine.commitment.device,
        "prompt_tokens_per_second": detected.hardware.prompt_tokens_per_second,
        "weights_bytes_per_second": detected.machine.commitment.weights_bytes_per_second,
        "vram_mib": detected.hardware.vram_mib,
        "capacity": detected.hardware.capacity,
        "unused_gpu": detected.unused_gpu,
        "stake": stake,
        "steps": steps.done,
    }))
}
