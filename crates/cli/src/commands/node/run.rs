//! `nosana node run`.

use std::{net::SocketAddr, path::PathBuf, process, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use clap::Args;
use nosana_engine::ModelStore;
use nosana_store::Store;
use nosana_worker::{MetricsServer, Wanted, Worker, WorkerConfig, WorkerSummary};
use solana_address::Address;
use tokio::{
    sync::{mpsc, watch},
    task::{JoinHandle, spawn_blocking},
};

use super::gpus::{Choice, slots};
use crate::{
    amount::Nos,
    commands::{connection::Connection, nos},
    shutdown,
};

/// Between two looks for what can go from the store.
const SWEEP: Duration = Duration::from_secs(6 * 3_600);
/// Bytes in a GiB.
const GIB: u64 = 1 << 30;
/// Seconds in a day.
const DAY: u64 = 86_400;
/// The exit status of a process that was interrupted, as shells tell it.
const INTERRUPTED: i32 = 130;

/// How the node works.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// Market to work in; by default the only one there is
    #[arg(short, long, value_parser = crate::commands::address)]
    market: Option<Address>,
    /// Jobs at a time, when the node is registered by this command; by default one for each GPU
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=8))]
    slots: Option<u8>,
    #[command(flatten)]
    gpus: Choice,
    /// The lowest price to work for, in NOS a second; by default as agreed at an earlier start, at
    /// first what the market pays now
    #[arg(long)]
    min_price: Option<Nos>,
    /// The most collateral to lock for one job, in NOS; by default as agreed at an earlier start,
    /// at first what the market asks for now
    #[arg(long)]
    max_collateral: Option<Nos>,
    /// GiB that must be free on the disks of the store and of jobs' folders before new work is
    /// asked for
    #[arg(long, default_value_t = 4)]
    min_free: u64,
    /// Priority fee of what must not come late (start, finish, quit), in micro-lamports per compute
    /// unit; such a transaction asks for some 2,000 to 12,000 units
    #[arg(long, default_value_t = 100_000)]
    priority_fee: u64,
    /// Folder for what saves work after a crash; by default ~/.local/state/nosana
    #[arg(long, env = "NOSANA_STATE")]
    state: Option<PathBuf>,
    /// Days that definitions and results are kept after they were last used
    #[arg(long, default_value_t = 30)]
    keep_days: u64,
    /// Serve metrics for Prometheus at this address, such as 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    #[command(flatten)]
    connection: Connection,
}

/// Works until it is told to end; then finishes what runs, leaves the line, and returns.
pub async fn run(options: RunOptions) -> Result<()> {
    let gpus = options.gpus.together()?;
    let open = options.connection.open().await?;
    let (market, account) = open.market(options.market).await?;
    let base_units = |amount: Nos| amount.0;
    let wanted = Wanted {
        min_price_per_second: options.min_price.map(base_units),
        max_collateral: options.max_collateral.map(base_units),
    };
    let _sweeping = Sweeping::start(open.store.clone(), options.keep_days);
    let config = WorkerConfig {
        authority: Arc::new(open.keypair),
        market,
        mint: open.mint,
        store: open.store,
        models: ModelStore::in_user_cache()?,
        slots: options.slots.unwrap_or_else(|| slots(gpus.count())),
        gpus,
        // An owner decides about money in `nosana node setup`, not by starting a process.
        stake_amount: 0,
        stake_duration_seconds: 0,
        wanted,
        min_free_bytes: options.min_free.saturating_mul(GIB),
        priority_micro_lamports: options.priority_fee,
        state: Some(options.state.map_or_else(state_folder, Ok)?),
    };
    tracing::info!("opening the GPU, loading the model");
    let worker = tokio::select! {
        worker = Worker::prepare(open.session, config) => worker?,
        () = shutdown::requested() => return Ok(()),
    };
    let metrics = options
        .metrics
        .map(|address| MetricsServer::start(address, worker.metrics()))
        .transpose()?;
    println!("node        {}", worker.node());
    let agreed = worker.agreed();
    let (price, collateral) =
        (nos(agreed.min_price_per_second.into()), nos(agreed.max_collateral.into()));
    println!(
        "market      {market}, from {price} a second, for at most {collateral} of collateral a job"
    );
    if let Some(objection) = agreed.objection(&account.terms) {
        tracing::warn!("the market has worse terms than agreed: {objection}");
    }
    if let Some(address) = metrics.as_ref().and_then(MetricsServer::address) {
        println!("metrics     http://{address}/metrics");
    }
    println!("\nWorking. Ctrl-C finishes what runs and ends; a second one ends at once.");
    let summary = work(worker).await?;
    println!("{} jobs finished, {} given back", summary.finished, summary.gave_back);
    Ok(())
}

/// Removes what was not used for long, now and again, until it is dropped.
struct Sweeping(JoinHandle<()>);

impl Sweeping {
    fn start(store: Store, keep_days: u64) -> Self {
        let unused = Duration::from_secs(keep_days.saturating_mul(DAY));
        Self(tokio::spawn(async move {
            loop {
                let store = store.clone();
                match spawn_blocking(move || store.collect_garbage(unused)).await {
                    Ok(Ok(collected)) if collected.files > 0 => {
                        tracing::info!(?collected, "removed from the store")
                    }
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => tracing::warn!(%error, "cannot clear up the store"),
                    Err(error) => tracing::warn!(%error, "cannot clear up the store"),
                }
                tokio::time::sleep(SWEEP).await;
            }
        }))
    }
}

impl Drop for Sweeping {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn work(worker: Worker) -> Result<WorkerSummary> {
    let (stop, stopped) = watch::channel(false);
    // Its events go to the log and to the metrics, which is enough here.
    let (events, _) = mpsc::unbounded_channel();
    let mut working = tokio::spawn(worker.run(stopped, events));
    tokio::select! {
        ended = &mut working => return ended?,
        () = shutdown::requested() => tracing::info!("finishing what runs, then leaving"),
    }
    stop.send_replace(true);
    tokio::select! {
        ended = &mut working => ended?,
        () = shutdown::requested() => {
            tracing::warn!("ending at once: what runs is resumed when the node is started again");
            process::exit(INTERRUPTED)
        }
    }
}

/// Where programs keep state that should survive, by the XDG convention.
fn state_folder() -> Result<PathBuf> {
    let xdg =
        std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || {
        std::env::home_dir().filter(|path| path.is_absolute()).map(|path| path.join(".local/state"))
    };
    Ok(xdg.or_else(home).context("no home folder: name one with --state")?.join("nosana"))
}
