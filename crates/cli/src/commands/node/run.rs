//! `nosana node run`: take jobs and run them.

use std::{net::SocketAddr, path::PathBuf, process, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use clap::Args;
use nosana_client::jobs::types::MarketTerms;
use nosana_engine::ModelStore;
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_worker::{MetricsServer, RequestedTerms, Worker, WorkerConfig, WorkerSummary};
use solana_address::Address;
use tokio::sync::{mpsc, watch};

use super::{
    gpu_options::{GpuOptions, default_slots},
    store_sweeper::StoreSweeper,
};
use crate::{
    amount::Nos,
    commands::{
        connection::ConnectionOptions,
        size::ByteSize,
        values::{format_nos, parse_address},
    },
    exit_status::INTERRUPTED,
    shutdown,
};

/// Bytes in a GiB.
const BYTES_PER_GIB: u64 = 1 << 30;

/// Configuration of the node.
#[derive(Debug, Args)]
pub struct RunNodeOptions {
    /// Address of the market to work in; defaults to the only open market
    #[arg(short, long, value_parser = parse_address)]
    market: Option<Address>,
    /// Jobs at a time, if this command registers the node; defaults to one for each GPU
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=8))]
    slots: Option<u8>,
    #[command(flatten)]
    gpus: GpuOptions,
    /// Lowest price to work for, in NOS a second; defaults to the price agreed at an earlier start,
    /// else to the market's current price
    #[arg(long)]
    min_price: Option<Nos>,
    /// Most collateral to lock for one job, in NOS; defaults to the collateral agreed at an earlier
    /// start, else to the market's current collateral
    #[arg(long)]
    max_collateral: Option<Nos>,
    /// Free space, in GiB, that the disks of the store and of jobs' folders must have before the
    /// node takes new jobs
    #[arg(long, default_value_t = 4)]
    min_free: u64,
    /// Most space of models on this machine, such as 50GB: the least recently used one leaves for
    /// another one
    #[arg(long, value_name = "SIZE", default_value = "50GB")]
    models_max: ByteSize,
    /// Get models from sources on this machine and in its own networks, too; clients choose the
    /// sources
    #[arg(long)]
    private_sources: bool,
    /// Priority fee of urgent transactions (start, finish, quit), in micro-lamports per compute
    /// unit; such a transaction requests some 2,000 to 12,000 units
    #[arg(long, default_value_t = 100_000)]
    priority_fee: u64,
    /// Folder for state that survives a crash; defaults to ~/.local/state/nosana
    #[arg(long, env = "NOSANA_STATE")]
    state: Option<PathBuf>,
    /// Days to keep definitions and results after their last use
    #[arg(long, default_value_t = 30)]
    keep_days: u64,
    /// Address to serve Prometheus metrics at, such as 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Works until a signal. Then finishes the running jobs, leaves the queue, and returns.
pub async fn run_node(options: RunNodeOptions) -> Result<()> {
    let gpus = options.gpus.choose_devices()?;
    let ctx = options.connection.connect().await?;
    let (market, account) = ctx.fetch_market(options.market).await?;

    let models = ModelStore::in_user_cache()?
        .with_max_bytes(options.models_max.0)
        .with_ipfs(options.connection.ipfs_api());
    let models = if options.private_sources { models.with_private_sources() } else { models };

    let max_age = Duration::from_secs(options.keep_days.saturating_mul(SECONDS_PER_DAY));
    let _sweeper = StoreSweeper::start(ctx.store.clone(), max_age);
    let wanted = RequestedTerms {
        min_price_per_second: options.min_price.map(|price| price.0),
        max_collateral: options.max_collateral.map(|collateral| collateral.0),
    };
    let config = WorkerConfig {
        authority: Arc::new(ctx.keypair),
        market,
        mint: ctx.mint,
        store: ctx.store,
        models,
        slots: options.slots.unwrap_or_else(|| default_slots(gpus.count())),
        gpus,
        // An owner decides about money in `nosana node setup`, not by starting a process.
        stake_amount: 0,
        stake_duration_seconds: 0,
        requested_terms: wanted,
        min_free_bytes: options.min_free.saturating_mul(BYTES_PER_GIB),
        priority_micro_lamports: options.priority_fee,
        state_folder: Some(options.state.map_or_else(default_state_folder, Ok)?),
    };

    tracing::info!("opening the GPU and loading the model");
    let worker = tokio::select! {
        worker = Worker::prepare(ctx.session, config) => worker?,
        () = shutdown::wait_for_signal() => return Ok(()),
    };
    let metrics = match options.metrics {
        Some(address) => Some(MetricsServer::start(address, worker.metrics()).await?),
        None => None,
    };

    print_start(&worker, &market, &account.terms, metrics.as_ref());
    let summary = work_until_signal(worker).await?;
    println!("{} jobs finished, {} given back", summary.finished, summary.gave_back);
    Ok(())
}

fn print_start(
    worker: &Worker,
    market: &Address,
    terms: &MarketTerms,
    metrics: Option<&MetricsServer>,
) {
    let agreed = worker.accepted_terms();
    let price = format_nos(agreed.min_price_per_second);
    let collateral = format_nos(agreed.max_collateral);

    println!("node        {}", worker.node());
    println!(
        "market      {market}, from {price} a second, for at most {collateral} of collateral a job"
    );
    if let Some(objection) = agreed.find_worse_terms(terms) {
        tracing::warn!("the market has worse terms than agreed: {objection}");
    }
    if let Some(address) = metrics.map(MetricsServer::address) {
        println!("metrics     http://{address}/metrics");
    }
    println!(
        "\nWorking. Ctrl-C finishes the running jobs, then exits; a second one exits at once."
    );
}

async fn work_until_signal(worker: Worker) -> Result<WorkerSummary> {
    let (stop, stopped) = watch::channel(false);
    // The log and the metrics have the worker's events too, which is enough here.
    let (events, _) = mpsc::unbounded_channel();
    let mut working = tokio::spawn(worker.run(stopped, events));

    tokio::select! {
        ended = &mut working => return ended?,
        () = shutdown::wait_for_signal() => {
            tracing::info!("finishing the running jobs, then leaving the queue")
        }
    }

    stop.send_replace(true);
    tokio::select! {
        ended = &mut working => ended?,
        () = shutdown::wait_for_signal() => {
            tracing::warn!("exiting now; the next start resumes the running jobs");
            process::exit(INTERRUPTED.into())
        }
    }
}

/// The folder for programs' state, by the XDG convention.
fn default_state_folder() -> Result<PathBuf> {
    let xdg =
        std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || {
        std::env::home_dir().filter(|path| path.is_absolute()).map(|path| path.join(".local/state"))
    };

    let folder = xdg.or_else(home).context("cannot find the home folder; name one with --state")?;
    Ok(folder.join("nosana"))
}
