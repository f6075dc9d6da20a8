//! What a node needs before it can take a job: a GPU, a stake, an account.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail, ensure};
use nosana_client::{
    Session, actions,
    jobs::{
        accounts::{Market, Node},
        types::MarketTerms,
    },
    pda,
    staking::accounts::Stake,
    token,
};
use nosana_engine::{Gpu, GpuChoice, HardwareCommitment, ModelStore};
use nosana_store::Store;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tokio::task::spawn_blocking;

use crate::{
    Executor, Machine, Metrics, Wanted, agreed::Agreed, journal::Journal, room::Room, slots::Slots,
    state::StateFolder,
};

/// Said to owners who have not set up.
const NO_STAKE: &str = "there is no stake behind this node: `nosana node setup` makes one";

/// How a node works.
pub struct WorkerConfig {
    /// Signs for the node, owns its stake, is paid.
    pub authority: Arc<Keypair>,
    /// Where it takes jobs.
    pub market: Address,
    /// The mint of NOS.
    pub mint: Address,
    /// Where definitions are read and results written.
    pub store: Store,
    /// Where models are kept.
    pub models: ModelStore,
    /// The GPUs to work on.
    pub gpus: GpuChoice,
    /// Slots to register, 1 to 8.
    pub slots: u8,
    /// Base units to stake if there is no stake yet; zero if that is an error.
    pub stake_amount: u64,
    /// Length of that stake's cooldown.
    pub stake_duration_seconds: u64,
    /// The worst terms to work on.
    pub wanted: Wanted,
    /// Bytes that must be free on the disks of the store and of jobs' folders before new work is
    /// asked for.
    pub min_free_bytes: u64,
    /// Priority fee, in micro-lamports per compute unit, of what must not come late: start, finish
    /// and quit.
    pub priority_micro_lamports: u64,
    /// Where the node keeps what saves work after a crash; nowhere if `None`.
    pub state: Option<PathBuf>,
}

/// A node that is ready to work.
pub struct Worker {
    pub(crate) session: Session,
    pub(crate) config: WorkerConfig,
    pub(crate) executor: Arc<Executor>,
    pub(crate) market: Market,
    pub(crate) node: Address,
    pub(crate) journal: Journal,
    pub(crate) agreed: Agreed,
    pub(crate) room: Room,
    metrics: Arc<Metrics>,
    machine: Machine,
    /// Held as long as the worker works.
    _state: Option<StateFolder>,
}

impl Worker {
    /// Opens the GPU and loads the model; stakes, measures the hardware and registers where that is
    /// still to be done, or where the account says something else.
    ///
    /// # Errors
    /// If another process works with the same key out of the same state folder, if the GPU or a
    /// model is missing, or if the stake or the hardware is less than the market asks for.
    pub async fn prepare(session: Session, config: WorkerConfig) -> Result<Self> {
        let market =
            session.account::<Market>(&config.market).await.context("cannot read the market")?;
        let owner = config.authority.pubkey();
        let state =
            config.state.as_deref().map(|folder| StateFolder::open(folder, &owner)).transpose()?;
        let journal = state
            .as_ref()
            .map(|state| Journal::open(state.journal()))
            .transpose()?
            .unwrap_or_default();
        let file = state.as_ref().map(StateFolder::terms);
        let agreed = Agreed::settle(file, &config.market, &config.wanted, &market.terms)?;
        let node = pda::jobs::node(&owner);
        let account = session.find_account::<Node>(&node).await?;
        // Before minutes of measuring.
        if config.stake_amount == 0
            && session.find_account::<Stake>(&pda::staking::stake(&owner)).await?.is_none()
        {
            bail!(NO_STAKE);
        }
        let (models, gpus) = (config.models.clone(), config.gpus.clone());
        let (known, terms) = (account, market.terms);
        let (executor, machine) =
            spawn_blocking(move || open(models, &gpus, known.as_ref(), &terms)).await??;
        let (executor, metrics) = (Arc::new(executor), Arc::default());
        let folders =
            executor.folders().chain([config.store.folder()]).map(Path::to_owned).collect();
        let room = Room { folders, min_free_bytes: config.min_free_bytes };
        let worker = Self {
            session,
            config,
            executor,
            market,
            node,
            journal,
            agreed,
            room,
            metrics,
            machine,
            _state: state,
        };
        worker.ask_for_access().await?;
        let is_idle = worker.is_idle(account.as_ref()).await?;
        if is_idle {
            worker.machine.check(&worker.market.terms)?;
        }
        worker.stake().await.context("cannot stake")?;
        match &account {
            None => worker.register().await.context("cannot register the node")?,
            Some(_) if worker.machine.registered => {}
            Some(node) if is_idle => {
                worker.update(node).await.context("cannot register the hardware anew")?
            }
            // What it promised for the jobs that it holds stands until they end.
            Some(_) => tracing::warn!(
                "the hardware has changed; it is registered at the next start with free slots"
            ),
        }
        Ok(worker)
    }

    /// What the node commits to about its hardware.
    pub fn hardware(&self) -> &HardwareCommitment {
        &self.machine.commitment
    }

    /// The terms that the owner has agreed to.
    pub fn agreed(&self) -> &Agreed {
        &self.agreed
    }

    /// The token account that is paid.
    pub(crate) fn payout(&self) -> Address {
        token::associated_address(&self.config.authority.pubkey(), &self.config.mint)
    }

    /// The worker's numbers, for [`MetricsServer`](crate::MetricsServer).
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// The node's account.
    pub fn node(&self) -> Address {
        self.node
    }

    /// Fails before anything is staked if the market is not open to this owner.
    async fn ask_for_access(&self) -> Result<()> {
        let (owner, collection) =
            (self.config.authority.pubkey(), self.market.terms.access_collection);
        let open = collection == Address::default() || self.access(&collection).await?.is_some();
        ensure!(
            open,
            "this market is for holders of a token of the collection {collection}, and {owner} has none"
        );
        Ok(())
    }

    async fn stake(&self) -> Result<()> {
        let owner = self.config.authority.pubkey();
        let address = pda::staking::stake(&owner);
        if let Some(stake) = self.session.find_account::<Stake>(&address).await? {
            let delegated = if stake.unstaked_at == 0 { stake.delegated_xnos } else { 0 };
            let (has, needs) = (stake.xnos.saturating_add(delegated), self.market.terms.min_xnos);
            ensure!(
                has >= needs,
                "the stake has {has} xNOS and the market asks for {needs}: stake more, or longer"
            );
            return Ok(());
        }
        ensure!(self.config.stake_amount > 0, NO_STAKE);
        let (amount, duration) = (self.config.stake_amount, self.config.stake_duration_seconds);
        let stake = actions::stake(owner, self.config.mint, amount, duration);
        self.session.send(&[stake.into()], &*self.config.authority, &[]).await?;
        Ok(())
    }

    async fn register(&self) -> Result<()> {
        let (owner, mint) = (self.config.authority.pubkey(), self.config.mint);
        let register =
            actions::register_node(owner, mint, self.machine.hardware(self.config.slots)?);
        let payout = token::create_associated(&owner, &owner, &mint);
        self.session.send(&[payout, register.into()], &*self.config.authority, &[]).await?;
        Ok(())
    }

    /// Says what the hardware is now, and leaves the number of slots.
    async fn update(&self, node: &Node) -> Result<()> {
        let update = actions::update_hardware(
            self.config.authority.pubkey(),
            self.machine.hardware(node.capacity)?,
        );
        self.session.send(&[update.into()], &*self.config.authority, &[]).await?;
        let HardwareCommitment { adapter, matmul_gflops, vram_mib, .. } = &self.machine.commitment;
        tracing::info!(adapter, gflops = matmul_gflops, vram_mib, "registered the hardware anew");
        Ok(())
    }

    /// Whether no slot is in use, so that hardware may change.
    async fn is_idle(&self, node: Option<&Node>) -> Result<bool> {
        let Some(node) = node else { return Ok(true) };
        let slots = Slots::read(node, self.session.clock().await?.unix_timestamp);
        Ok(slots.held().next().is_none() && slots.waiting.is_empty() && slots.resting == 0)
    }
}

/// Opens the GPUs, and measures them before models take their memory, if that is needed.
fn open(
    models: ModelStore,
    gpus: &GpuChoice,
    node: Option<&Node>,
    terms: &MarketTerms,
) -> Result<(Executor, Machine)> {
    let executor = Executor::on(gpus, models)?;
    let gpus: Vec<Gpu> = executor.gpus().cloned().collect();
    let machine = Machine::look(&gpus, node, terms)?;
    executor.warm_up().context("cannot run the default model")?;
    Ok((executor, machine))
}
