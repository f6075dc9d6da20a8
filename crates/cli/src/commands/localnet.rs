//! `nosana localnet`: a local network in this process.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Args;
use nosana_engine::{DeviceChoice, ModelStore};
use nosana_fetch::ResourceCache;
use nosana_localnet::{World, WorldConfig};
use nosana_protocol::units::{BASE_UNITS_PER_NOS, SECONDS_PER_DAY};
use nosana_store::Store;
use nosana_worker::{NetworkConfig, Worker, WorkerConfig, WorkerSummary};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    content_endpoint::{BlockEndpoint, ContentServer, UploadBudget},
    localnet_files::{LocalnetFolders, LocalnetInfo},
    shutdown,
};

/// The node's stake, in base units.
const NODE_STAKE: u64 = 1_000 * BASE_UNITS_PER_NOS;
/// The cooldown of the node's stake.
const NODE_STAKE_SECONDS: u64 = 365 * SECONDS_PER_DAY;
/// Time that the node has to finish its job when the network ends.
const NODE_STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// Configuration of the network.
#[derive(Debug, Args)]
pub struct LocalnetOptions {
    /// Port of the JSON-RPC server; the websocket uses the next port; 0 picks a free pair
    #[arg(long, default_value_t = 8899)]
    port: u16,
    /// Milliseconds between two blocks
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..))]
    slot_ms: u64,
    /// Run a GPU node on the network
    #[arg(long)]
    with_node: bool,
    /// File to write addresses and keys to, as JSON, once everything is ready; removed at the end
    #[arg(long)]
    info_file: Option<PathBuf>,
    /// Folder with the compiled programs; defaults to target/deploy of this checkout
    #[arg(long, env = "SBF_OUT_DIR")]
    programs: Option<PathBuf>,
    /// Folder of the content store, which is kept; defaults to a folder that is removed at the end
    #[arg(long)]
    store: Option<PathBuf>,
    /// Address to serve the store at, for browsers, such as 127.0.0.1:8081
    #[arg(long, value_name = "ADDRESS:PORT")]
    content: Option<SocketAddr>,
}

/// Runs a network until a signal ends it.
pub async fn run_localnet(options: LocalnetOptions) -> Result<()> {
    let defaults = WorldConfig::default();
    let config = WorldConfig {
        rpc_port: options.port,
        slot_ms: options.slot_ms,
        programs_folder: options.programs.clone().unwrap_or(defaults.programs_folder),
        ..WorldConfig::default()
    };

    let world = tokio::select! {
        world = World::start(config, |step| tracing::info!("{step}")) => world?,
        () = shutdown::wait_for_signal() => return Ok(()),
    };
    let served = serve_network(&options, &world).await;
    world.stop().await?;
    served
}

async fn serve_network(options: &LocalnetOptions, world: &World) -> Result<()> {
    let folders = LocalnetFolders::choose(&world.network.rpc_url(), options.store.clone())?;
    let _keys = folders.write_keys(world)?;
    let store = Store::open(&folders.store)?;

    let node = match options.with_node {
        true => tokio::select! {
            node = LocalNode::start(world, &store, folders.state) => Some(node?),
            () = shutdown::wait_for_signal() => return Ok(()),
        },
        false => None,
    };

    let content = match options.content {
        Some(address) => {
            let uploads = Some(UploadBudget::new(MAX_UPLOAD_BYTES));
            let endpoint = BlockEndpoint { store: store.clone(), uploads };
            Some(ContentServer::start(address, endpoint).await?)
        }
        None => None,
    };
    let content_url = content.as_ref().map(ContentServer::url);
    let info = LocalnetInfo::new(world, &folders.store, content_url);
    let _info_file = options.info_file.as_deref().map(|path| info.write_to(path)).transpose()?;
    println!("{}\n{:<10} {}", info.summarize(), "keys", folders.keys.display());
    println!("\nReady. Ctrl-C ends it.");

    match node {
        Some(node) => node.run_until(shutdown::wait_for_signal()).await,
        None => {
            shutdown::wait_for_signal().await;
            Ok(())
        }
    }
}

/// Most content that pages of this machine may store.
const MAX_UPLOAD_BYTES: u64 = 1 << 30;

/// A GPU node in this process.
struct LocalNode {
    stop: watch::Sender<bool>,
    worker: JoinHandle<Result<WorkerSummary>>,
}

impl LocalNode {
    async fn start(world: &World, store: &Store, state: PathBuf) -> Result<Self> {
        tracing::info!("preparing the node: GPU, model, stake");
        // Of a network on the same port that was killed. Usually there is none.
        let _ = std::fs::remove_dir_all(&state);
        let config = WorkerConfig {
            authority: Arc::new(world.node.insecure_clone()),
            market: world.market,
            mint: world.mint,
            store: store.clone(),
            // Clients and sources of a local network are on this machine.
            models: ModelStore::in_user_cache()?.with_private_sources(),
            resources: ResourceCache::in_user_cache().map(ResourceCache::with_private_sources),
            gpus: DeviceChoice::Best,
            slots: 1,
            stake_amount: NODE_STAKE,
            stake_duration_seconds: NODE_STAKE_SECONDS,
            requested_terms: Default::default(),
            min_free_bytes: 0,
            priority_micro_lamports: 0,
            verification: Default::default(),
            state_folder: Some(state),
            network: Some(NetworkConfig::loopback()),
        };
        let worker = Worker::prepare(world.session.clone(), config)
            .await
            .context("cannot prepare the node")?;

        let (stop, stopped) = watch::channel(false);
        // The log has the node's events too, which is enough here.
        let (events, _) = mpsc::unbounded_channel();
        Ok(Self { stop, worker: tokio::spawn(worker.run(stopped, events)) })
    }

    /// Works until `end`. Then waits a short time for the running job to finish.
    async fn run_until(mut self, end: impl Future<Output = ()>) -> Result<()> {
        tokio::select! {
            ended = &mut self.worker => bail!("the node stopped unexpectedly: {:?}", ended?),
            () = end => {}
        }

        self.stop.send_replace(true);
        match tokio::time::timeout(NODE_STOP_TIMEOUT, &mut self.worker).await {
            Ok(summary) => tracing::info!(summary = ?summary??, "the node stopped"),
            Err(_) => {
                tracing::warn!("the node did not finish its job in time");
                self.worker.abort();
            }
        }
        Ok(())
    }
}
