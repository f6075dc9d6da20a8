//! What a node needs before it can take a job: a GPU, a stake, an account.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, Result, ensure};
use nosana_client::{
    Session, actions,
    jobs::{
        accounts::{Market, Node},
        types::Hardware,
    },
    pda,
    staking::accounts::Stake,
    token,
};
use nosana_engine::{HardwareCommitment, ModelStore, benchmark};
use nosana_store::Store;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tokio::task::spawn_blocking;

use crate::{Executor, Metrics, journal::Journal, state::StateFolder};

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
    /// Slots to register, 1 to 8.
    pub slots: u8,
    /// Base units to stake if there is no stake yet; zero if that is an error.
    pub stake_amount: u64,
    /// Length of that stake's cooldown.
    pub stake_duration_seconds: u64,
    /// The lowest price to work for, in base units a second.
    pub min_price_per_second: u64,
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
    metrics: Arc<Metrics>,
    hardware: Option<HardwareCommitment>,
    /// Held as long as the worker works.
    _state: Option<StateFolder>,
}

impl Worker {
    /// Opens the GPU and loads the model; stakes, measures the hardware and registers where that is still to be done.
    ///
    /// # Errors
    /// If another process works with the same key out of the same state folder, if the GPU or a model is missing, or if
    /// the stake is less than the market asks for.
    pub async fn prepare(session: Session, config: WorkerConfig) -> Result<Self> {
        let market = session.account::<Market>(&config.market).await.context("cannot read the market")?;
        let owner = config.authority.pubkey();
        let state = config.state.as_deref().map(|folder| StateFolder::open(folder, &owner)).transpose()?;
        let journal = state.as_ref().map(|state| Journal::open(state.journal())).transpose()?.unwrap_or_default();
        let node = pda::jobs::node(&owner);
        let is_new = session.find_account::<Node>(&node).await?.is_none();
        let models = config.models.clone();
        let (executor, hardware) = spawn_blocking(move || open(models, is_new)).await??;
        let (executor, metrics) = (Arc::new(executor), Arc::default());
        let worker = Self { session, config, executor, market, node, journal, metrics, hardware, _state: state };
        worker.ask_for_access().await?;
        worker.stake().await.context("cannot stake")?;
        if let Some(hardware) = &worker.hardware {
            worker.register(hardware).await.context("cannot register the node")?;
        }
        Ok(worker)
    }

    /// What was measured, if the node was registered just now.
    pub fn hardware(&self) -> Option<&HardwareCommitment> {
        self.hardware.as_ref()
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
        let (owner, collection) = (self.config.authority.pubkey(), self.market.terms.access_collection);
        let open = collection == Address::default() || self.access(&collection).await?.is_some();
        ensure!(open, "this market is for holders of a token of the collection {collection}, and {owner} has none");
        Ok(())
    }

    async fn stake(&self) -> Result<()> {
        let owner = self.config.authority.pubkey();
        let address = pda::staking::stake(&owner);
        if let Some(stake) = self.session.find_account::<Stake>(&address).await? {
            let delegated = if stake.unstaked_at == 0 { stake.delegated_xnos } else { 0 };
            let (has, needs) = (stake.xnos.saturating_add(delegated), self.market.terms.min_xnos);
            ensure!(has >= needs, "the stake has {has} xNOS and the market asks for {needs}: stake more, or longer");
            return Ok(());
        }
        ensure!(self.config.stake_amount > 0, "there is no stake behind this node: `nosana node setup` makes one");
        let (amount, duration) = (self.config.stake_amount, self.config.stake_duration_seconds);
        let stake = actions::stake(owner, self.config.mint, amount, duration);
        self.session.send(&[stake.into()], &*self.config.authority, &[]).await?;
        Ok(())
    }

    async fn register(&self, measured: &HardwareCommitment) -> Result<()> {
        let (owner, mint) = (self.config.authority.pubkey(), self.config.mint);
        let hardware = Hardware {
            digest: measured.digest()?.0,
            vram_mib: u32::try_from(measured.vram_mib).unwrap_or(u32::MAX),
            gflops: u32::try_from(measured.matmul_gflops).unwrap_or(u32::MAX),
            capacity: self.config.slots,
        };
        let register = actions::register_node(owner, mint, hardware);
        let payout = token::create_associated(&owner, &owner, &mint);
        self.session.send(&[payout, register.into()], &*self.config.authority, &[]).await?;
        Ok(())
    }
}

/// Opens the GPU, and measures it if that is asked for.
fn open(models: ModelStore, measure: bool) -> Result<(Executor, Option<HardwareCommitment>)> {
    let executor = Executor::open(models)?;
    executor.warm_up().context("cannot run the default model")?;
    if !measure {
        return Ok((executor, None));
    }
    let measured = benchmark(executor.gpu()).context("cannot measure the GPU")?;
    let hardware = HardwareCommitment::new(executor.gpu(), &measured);
    Ok((executor, Some(hardware)))
}
