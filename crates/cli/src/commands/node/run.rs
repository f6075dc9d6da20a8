//! `nosana node run`: take jobs and run them.

use std::{net::SocketAddr, path::PathBuf, process, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use clap::Args;
use nosana_client::jobs::types::MarketTerms;
use nosana_engine::ModelStore;
use nosana_fetch::ResourceCache;
use nosana_protocol::{slot::NODE_SLOTS, units::SECONDS_PER_DAY};
use nosana_worker::{
    MetricsServer, RequestedTerms, VerificationConfig, Worker, WorkerConfig, WorkerSummary,
};
use solana_address::Address;
use tokio::sync::{mpsc, watch};

use super::{
    gpu_options::{GpuOptions, default_slots},
    network_options::NetworkOptions,
    store_sweeper::StoreSweeper,
};
use crate::{
    amount::Nos,
    commands::{
        client_network::close_at_end,
        connection::ConnectionOptions,
        size::ByteSize,
        state_folder::default_state_folder,
        values::{format_nos, parse_address},
    },
    content_endpoint::{BlockEndpoint, ContentServer},
    exit_status::INTERRUPTED,
    shutdown,
};

/// The problem of a node without a folder for resources.
const NO_CACHE: &str =
    "the folder for resources is not known; set XDG_CACHE_HOME or HOME to a writable folder";

/// Bytes in a GiB.
const BYTES_PER_GIB: u64 = 1 << 30;

/// Configuration of the node.
#[derive(Debug, Args)]
pub struct RunNodeOptions {
    /// Address of the market to work in; defaults to the only open market
    #[arg(short, long, value_parser = parse_address)]
    market: Option<Address>,
    /// Jobs at a time, if this command registers the node; defaults to one for each GPU
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=i64::from(NODE_SLOTS)))]
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
    /// Free space, in GiB, that the disks of the store, of jobs' folders, of the container engine
    /// and of containers' resources must have before the node takes new jobs
    #[arg(long, default_value_t = 4)]
    min_free: u64,
    /// Most space of models on this machine, such as 50GB: the least recently used one leaves for
    /// another one
    #[arg(long, value_name = "SIZE", env = "NOSANA_MODELS_MAX", default_value = "50GB")]
    models_max: ByteSize,
    /// Most space of containers' resources on this machine, such as 100GB: the least recently used
    /// one leaves for another one
    #[arg(long, value_name = "SIZE", default_value = "100GB")]
    cache: ByteSize,
    /// Get models and resources from sources on this machine and in its own networks, too; clients
    /// choose the sources
    #[arg(long)]
    private_sources: bool,
    /// Priority fee of urgent transactions (start, finish, quit), in micro-lamports per compute
    /// unit; such a transaction requests some 6,000 to 12,000 units
    #[arg(long, default_value_t = 100_000)]
    priority_fee: u64,
    /// Folder for state that survives a crash; defaults to ~/.local/state/nosana
    #[arg(long, env = "NOSANA_STATE")]
    state: Option<PathBuf>,
    #[command(flatten)]
    network: NetworkOptions,
    /// Days to keep definitions and results after their last use
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    keep_days: u64,
    /// Address to serve Prometheus metrics at, such as 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    /// Address to serve the content of the node's store at, for browsers, such as 127.0.0.1:9465:
    /// who knows the hash of a block can read it
    #[arg(long, value_name = "ADDRESS:PORT")]
    content: Option<SocketAddr>,
    #[command(flatten)]
    verification: VerificationOptions,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// What the node does for the verification of other nodes' results.
#[derive(Debug, Args)]
struct VerificationOptions {
    /// Take seats of panels that judge disputed results: a right vote earns a fee, an absent or a
    /// wrong one costs collateral
    #[arg(long)]
    panel: bool,
    /// Share of other nodes' results, 0 to 1, that the node computes again while it is idle: it
    /// disputes wrong ones with a bond of its own NOS, for a reward
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = parse_share)]
    check_others: f64,
}

/// Works until a signal. Then finishes the running jobs, leaves the queue, and returns.
pub async fn run_node(options: RunNodeOptions) -> Result<()> {
    let network = options.network.to_config(&options.connection)?;
    let gpus = options.gpus.choose_devices()?;
    let ctx = options.connection.connect().await?;
    let (market, account) = ctx.fetch_market(options.market).await?;

    let models = ModelStore::in_user_cache()?
        .with_max_bytes(options.models_max.0)
        .with_ipfs(options.connection.ipfs_api());
    let models = if options.private_sources { models.with_private_sources() } else { models };
    let cache = ResourceCache::in_user_cache().context(NO_CACHE)?;
    let cache = cache.with_max_bytes(options.cache.0);
    let cache = if options.private_sources { cache.with_private_sources() } else { cache };

    let store = ctx.store.clone();
    let content = match options.content {
        Some(address) => {
            let endpoint = BlockEndpoint { store: ctx.store.clone(), uploads: None };
            Some(ContentServer::start(address, endpoint).await?)
        }
        None => None,
    };
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
        resources: Some(cache),
        slots: options.slots.unwrap_or_else(|| default_slots(gpus.count())),
        gpus,
        // An owner decides about money in `nosana node setup`, not by starting a process.
        stake_amount: 0,
        stake_duration_seconds: 0,
        requested_terms: wanted,
        min_free_bytes: options.min_free.saturating_mul(BYTES_PER_GIB),
        priority_micro_lamports: options.priority_fee,
        verification: VerificationConfig {
            panel: options.verification.panel,
            check_rate: options.verification.check_others,
        },
        state_folder: Some(options.state.map_or_else(default_state_folder, Ok)?),
        network: Some(network),
    };

    tracing::info!("opening the GPU and loading the model");
    let worker = tokio::select! {
        worker = Worker::prepare(ctx.session, config) => worker?,
        () = shutdown::wait_for_signal() => return Ok(()),
    };
    worker.endpoint().into_iter().for_each(close_at_end);

    let max_age = Duration::from_secs(options.keep_days.saturating_mul(SECONDS_PER_DAY));
    let _sweeper = StoreSweeper::start(store, max_age, worker.disputable_content());
    let metrics = match options.metrics {
        Some(address) => Some(MetricsServer::start(address, worker.metrics()).await?),
        None => None,
    };

    print_start(&worker, &market, &account.terms, metrics.as_ref());
    if let Some(content) = &content {
        println!("content     {}/ipfs/", content.url());
    }
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
    if let Some(endpoint) = worker.endpoint_id() {
        println!("endpoint    {endpoint}");
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

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "not a valid share; give a number from 0 to 1, such as 0.1".to_owned())
}
