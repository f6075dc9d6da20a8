//! The worker: its configuration, its parts, and how it prepares for the first job.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use nosana_client::{
    Session,
    jobs::{
        accounts::{Market, Node},
        types::MarketTerms,
    },
    pda,
    staking::accounts::Stake,
    token,
};
use nosana_engine::{Device, DeviceChoice, HardwareCommitment, ModelStore};
use nosana_fetch::ResourceCache;
use nosana_net::transport::NetEndpoint;
use nosana_store::Store;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tokio::task::spawn_blocking;

use crate::{
    accepted_terms::{AcceptedTerms, RequestedTerms},
    disk_space::DiskSpaceGuard,
    dispute::{
        ballot::BallotBox, config::VerificationConfig, idle_work::IdleWork,
        seated_disputes::SeatedDisputes,
    },
    execute::Executor,
    hardware::Machine,
    journal::Journal,
    kept_devices::KeptDevices,
    live_jobs::LiveJobs,
    metrics::Metrics,
    network::{NetworkConfig, NetworkOwner, NodeNetwork},
    refused::RefusedDefinitions,
    state_folder::StateFolder,
};

/// The error for an owner who has not set up the node.
pub(crate) const NO_STAKE: &str = "this node has no stake behind it: `nosana node setup` makes one";

/// How a node works.
pub struct WorkerConfig {
    /// The key that signs for the node, owns its stake and is paid.
    pub authority: Arc<Keypair>,
    /// The market where the node works.
    pub market: Address,
    /// The mint of NOS.
    pub mint: Address,
    /// The store that holds definitions and results.
    pub store: Store,
    /// The folder of the models.
    pub models: ModelStore,
    /// The cache of containers' resources; `None` refuses containers that have some.
    pub resources: Option<ResourceCache>,
    /// The GPUs to work on.
    pub gpus: DeviceChoice,
    /// Slots to register, 1 to 16.
    pub slots: u8,
    /// Base units to stake if the owner has no stake; zero makes a missing stake an error.
    pub stake_amount: u64,
    /// The cooldown of that stake, in seconds.
    pub stake_duration_seconds: u64,
    /// The worst terms to work on.
    pub requested_terms: RequestedTerms,
    /// Bytes that must be free on the disks of the store, of jobs' folders, of the container engine
    /// and of containers' resources before the node requests new work.
    pub min_free_bytes: u64,
    /// Priority fee, in micro-lamports per compute unit, of the instructions that must not land
    /// late: start, finish and quit.
    pub priority_micro_lamports: u64,
    /// What the node does for the verification of other nodes' results.
    pub verification: VerificationConfig,
    /// The folder of the journal and the accepted terms, which save work after a crash. `None`
    /// keeps neither.
    pub state_folder: Option<PathBuf>,
    /// The endpoint, for which the node needs a state folder. `None` shares content by the store's
    /// folder or an IPFS node only.
    pub network: Option<NetworkConfig>,
}

/// A node that is ready to work.
pub struct Worker {
    pub(crate) session: Session,
    pub(crate) config: WorkerConfig,
    pub(crate) executor: Arc<Executor>,
    pub(crate) market: Market,
    pub(crate) node: Address,
    pub(crate) journal: Arc<Journal>,
    pub(crate) ballots: BallotBox,
    pub(crate) accepted_terms: AcceptedTerms,
    pub(crate) disk_space: DiskSpaceGuard,
    pub(crate) machine: Machine,
    pub(crate) refused: RefusedDefinitions,
    pub(crate) live_jobs: LiveJobs,
    pub(crate) idle_work: IdleWork,
    pub(crate) kept_devices: Arc<KeptDevices>,
    pub(crate) seated_disputes: SeatedDisputes,
    pub(crate) network: Option<NodeNetwork>,
    metrics: Arc<Metrics>,
    /// Locked as long as the worker lives.
    state: Option<StateFolder>,
}

impl Worker {
    /// Opens the GPU and loads the model. Then stakes, measures the hardware and registers the
    /// node, where that has not been done or the account differs.
    ///
    /// # Errors
    /// If another process works with the same key in the same state folder, if the GPU or a model
    /// is missing, or if the stake or the hardware is less than the market requires.
    pub async fn prepare(session: Session, config: WorkerConfig) -> Result<Self> {
        let market = session
            .fetch_account::<Market>(&config.market)
            .await
            .context("cannot read the market")?;
        let owner = config.authority.pubkey();

        let state = config
            .state_folder
            .as_deref()
            .map(|folder| StateFolder::open(folder, &owner))
            .transpose()?;
        let journal = state
            .as_ref()
            .map(|state| Journal::open(state.journal_path()))
            .transpose()?
            .unwrap_or_default();
        let ballots = state
            .as_ref()
            .map(|state| BallotBox::open(state.ballots_path()))
            .transpose()?
            .unwrap_or_default();
        let accepted_terms = AcceptedTerms::load_or_update(
            state.as_ref().map(StateFolder::terms_path),
            &config.market,
            &config.requested_terms,
            &market.terms,
        )?;

        let node = pda::jobs::node(&owner);
        let account = session.find_account::<Node>(&node).await?;
        // Fails before the measurement, which can take minutes.
        if config.stake_amount == 0
            && session.find_account::<Stake>(&pda::staking::stake(&owner)).await?.is_none()
        {
            bail!(NO_STAKE);
        }

        let models = config.models.clone();
        let gpus = config.gpus.clone();
        let resources = config.resources.clone();
        let opening =
            spawn_blocking(move || open_machine(models, &gpus, account.as_ref(), &market.terms));
        let (executor, machine) = opening.await??;
        let executor = executor.with_resources(resources);
        let kept_devices = Arc::new(KeptDevices::new(executor.gpus().count()));

        let store_folder = config.store.folder();
        let folders = executor.folders().chain([store_folder]).map(Path::to_owned).collect();
        let disk_space = DiskSpaceGuard { folders, min_free_bytes: config.min_free_bytes };

        let mut worker = Self {
            session,
            config,
            executor: Arc::new(executor),
            market,
            node,
            journal: Arc::new(journal),
            ballots,
            accepted_terms,
            disk_space,
            machine,
            refused: RefusedDefinitions::default(),
            live_jobs: LiveJobs::default(),
            idle_work: IdleWork::default(),
            kept_devices,
            seated_disputes: SeatedDisputes::default(),
            network: None,
            metrics: Arc::default(),
            state,
        };
        worker.join_market(account.as_ref()).await?;
        worker.open_network().await?;
        Ok(worker)
    }

    /// Opens the endpoint, if the node is to have one.
    async fn open_network(&mut self) -> Result<()> {
        let Some(config) = self.config.network.clone() else { return Ok(()) };
        let state = self.state.as_ref().context("an endpoint requires a state folder")?;

        let owner = NetworkOwner {
            session: &self.session,
            authority: Arc::clone(&self.config.authority),
            node: self.node,
            store: &self.config.store,
            folder: state.network_folder(),
            live_jobs: self.live_jobs.clone(),
        };
        self.network = Some(NodeNetwork::start(owner, config).await?);
        Ok(())
    }

    /// The commitment about the node's hardware.
    pub fn hardware_commitment(&self) -> &HardwareCommitment {
        &self.machine.commitment
    }

    /// The terms that the owner has accepted.
    pub fn accepted_terms(&self) -> &AcceptedTerms {
        &self.accepted_terms
    }

    /// The worker's metrics, for [`MetricsServer`](crate::MetricsServer).
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// The id of the node's endpoint, if it has one.
    pub fn endpoint_id(&self) -> Option<String> {
        self.endpoint().map(|endpoint| endpoint.id().to_string())
    }

    /// The node's endpoint, if it has one.
    pub fn endpoint(&self) -> Option<&NetEndpoint> {
        self.network.as_ref().map(NodeNetwork::endpoint)
    }

    /// The address of the node's account.
    pub fn node(&self) -> Address {
        self.node
    }

    /// The token account that is paid.
    pub(crate) fn payout(&self) -> Address {
        token::associated_address(&self.config.authority.pubkey(), &self.config.mint)
    }
}

/// Opens the GPUs. Measures them, if necessary, before models take their memory.
fn open_machine(
    models: ModelStore,
    gpus: &DeviceChoice,
    node: Option<&Node>,
    terms: &MarketTerms,
) -> Result<(Executor, Machine)> {
    let executor = Executor::open_chosen(gpus, models.clone())?;
    let devices: Vec<Device> = executor.gpus().cloned().collect();

    let mut machine = Machine::measure_if_unknown(&devices, &models, node, terms)?;
    executor.warm_up().context("cannot run the default model")?;
    machine.capabilities = executor.find_capabilities();
    Ok((executor, machine))
}
