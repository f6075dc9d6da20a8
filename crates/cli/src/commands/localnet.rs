//! `nosana localnet`.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Args;
use nosana_engine::{GpuChoice, ModelStore};
use nosana_localnet::{World, WorldConfig};
use nosana_store::Store;
use nosana_worker::{Worker, WorkerConfig, WorkerSummary};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    files::{Folders, Info},
    shutdown,
};

/// What the node stakes, in base units of NOS, and for how many seconds.
const STAKE: (u64, u64) = (1_000_000_000, 365 * 86_400);
/// How long the node may take to finish its job when the network ends.
const FAREWELL: Duration = Duration::from_secs(3);

/// How the network is set up.
#[derive(Debug, Args)]
pub struct Options {
    /// Port of the JSON-RPC server; the websocket is at the next one; 0 picks a free pair
    #[arg(long, default_value_t = 8899)]
    port: u16,
    /// Milliseconds between two blocks
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..))]
    slot_ms: u64,
    /// Run a GPU node on it as well
    #[arg(long)]
    with_node: bool,
    /// Write addresses and keys to this file, as JSON, when everything is ready; remove it at the
    /// end
    #[arg(long)]
    info_file: Option<PathBuf>,
    /// Folder with the compiled programs; by default target/deploy of this checkout
    #[arg(long, env = "SBF_OUT_DIR")]
    programs: Option<PathBuf>,
    /// Folder of the content store, which is kept; by default one that is removed at the end
    #[arg(long)]
    store: Option<PathBuf>,
}

/// Keeps a network up until somebody ends it.
pub async fn run(options: Options) -> Result<()> {
    let defaults = WorldConfig::default();
    let config = WorldConfig {
        rpc_port: options.port,
        slot_ms: options.slot_ms,
        programs_folder: options.programs.clone().unwrap_or(defaults.programs_folder),
        ..WorldConfig::default()
    };
    let world = tokio::select! {
        world = World::start(config, |step| tracing::info!("{step}")) => world?,
        () = shutdown::requested() => return Ok(()),
    };
    let served = serve(&options, &world).await;
    world.stop().await?;
    served
}

async fn serve(options: &Options, world: &World) -> Result<()> {
    let folders = Folders::choose(&world.network.rpc_url(), options.store.clone())?;
    let _cached = folders.write_keys(world)?;
    let store = Store::open(&folders.store)?;
    let node = match options.with_node {
        true => tokio::select! {
            node = Node::start(world, &store) => Some(node?),
            () = shutdown::requested() => return Ok(()),
        },
        false => None,
    };
    let info = Info::new(world, &folders.store);
    let _info_file = options.info_file.as_deref().map(|path| info.write(path)).transpose()?;
    println!("{}\n{:<10} {}", info.summary(), "keys", folders.keys.display());
    println!("\nReady. Ctrl-C ends it.");
    match node {
        Some(node) => node.until(shutdown::requested()).await,
        None => {
            shutdown::requested().await;
            Ok(())
        }
    }
}

/// A GPU node in this process.
struct Node {
    stop: watch::Sender<bool>,
    working: JoinHandle<Result<WorkerSummary>>,
}

impl Node {
    async fn start(world: &World, store: &Store) -> Result<Self> {
        tracing::info!("preparing the node: GPU, model, stake");
        let config = WorkerConfig {
            authority: Arc::new(world.node.insecure_clone()),
            market: world.market,
            mint: world.mint,
            store: store.clone(),
            models: ModelStore::in_user_cache()?,
            gpus: GpuChoice::Best,
            slots: 1,
            stake_amount: STAKE.0,
            stake_duration_seconds: STAKE.1,
            wanted: Default::default(),
            min_free_bytes: 0,
            priority_micro_lamports: 0,
            state: None,
        };
        let worker = Worker::prepare(world.session.clone(), config)
            .await
            .context("cannot prepare the node")?;
        let (stop, stopped) = watch::channel(false);
        // Its events go to the log as well, which is enough here.
        let (events, _) = mpsc::unbounded_channel();
        Ok(Self { stop, working: tokio::spawn(worker.run(stopped, events)) })
    }

    /// Works until `end`; then finishes the job at hand, if that does not take long.
    async fn until(mut self, end: impl Future<Output = ()>) -> Result<()> {
        tokio::select! {
            ended = &mut self.working => bail!("the node stopped by itself: {:?}", ended?),
            () = end => {}
        }
        self.stop.send_replace(true);
        match tokio::time::timeout(FAREWELL, &mut self.working).await {
            Ok(summary) => tracing::info!(summary = ?summary??, "the node has left"),
            Err(_) => {
                tracing::warn!("the node did not finish its job in time");
                self.working.abort();
            }
        }
        Ok(())
    }
}
