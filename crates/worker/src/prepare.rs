//! What a node needs before it can take a job: a GPU, a stake, an account.

use std::sync::Arc;

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

use crate::Executor;

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
    /// Base units to stake if there is no stake yet.
    pub stake_amount: u64,
    /// Length of that stake's cooldown.
    pub stake_duration_seconds: u64,
    /// The lowest price to work for, in base units a second.
    pub min_price_per_second: u64,
}

/// A node that is ready to work.
pub struct Worker {
    pub(crate) session: Session,
    pub(crate) config: WorkerConfig,
    pub(crate) executor: Arc<Executor>,
    pub(crate) market: Market,
    pub(crate) node: Address,
    hardware: HardwareCommitment,
}

impl Worker {
    /// Opens the GPU, loads the model, measures the hardware; stakes and registers where that is still to be done.
    pub async fn prepare(session: Session, config: WorkerConfig) -> Result<Self> {
        let market = session.account::<Market>(&config.market).await.context("cannot read the market")?;
        let models = config.models.clone();
        let (executor, hardware) = spawn_blocking(move || open(models)).await??;
        let node = pda::jobs::node(&config.authority.pubkey());
        let worker = Self { session, config, executor: Arc::new(executor), market, node, hardware };
        worker.stake().await.context("cannot stake")?;
        worker.register().await.context("cannot register the node")?;
        Ok(worker)
    }

    /// What was measured.
    pub fn hardware(&self) -> &HardwareCommitment {
        &self.hardware
    }

    /// The node's account.
    pub fn node(&self) -> Address {
        self.node
    }

    async fn stake(&self) -> Result<()> {
        let owner = self.config.authority.pubkey();
        let address = pda::staking::stake(&owner);
        if let Some(stake) = self.session.find_account::<Stake>(&address).await? {
            let (has, needs) = (stake.xnos, self.market.terms.min_xnos);
            ensure!(has >= needs, "the stake has {has} xNOS and the market asks for {needs}: stake more, or longer");
            return Ok(());
        }
        let (amount, duration) = (self.config.stake_amount, self.config.stake_duration_seconds);
        let stake = actions::stake(owner, self.config.mint, amount, duration);
        self.session.send(&[stake.into()], &*self.config.authority, &[]).await?;
        Ok(())
    }

    async fn register(&self) -> Result<()> {
        if self.session.find_account::<Node>(&self.node).await?.is_some() {
            return Ok(());
        }
        let (owner, mint) = (self.config.authority.pubkey(), self.config.mint);
        let hardware = Hardware {
            digest: self.hardware.digest()?.0,
            vram_mib: u32::try_from(self.hardware.vram_mib).unwrap_or(u32::MAX),
            gflops: u32::try_from(self.hardware.matmul_gflops).unwrap_or(u32::MAX),
            capacity: self.config.slots,
        };
        let register = actions::register_node(owner, mint, hardware);
        let payout = token::create_associated(&owner, &owner, &mint);
        self.session.send(&[payout, register.into()], &*self.config.authority, &[]).await?;
        Ok(())
    }
}

/// Opens the GPU and measures it.
fn open(models: ModelStore) -> Result<(Executor, HardwareCommitment)> {
    let executor = Executor::open(models)?;
    executor.warm_up().context("cannot run the default model")?;
    let measured = benchmark(executor.gpu()).context("cannot measure the GPU")?;
    let hardware = HardwareCommitment::new(executor.gpu(), &measured);
    Ok((executor, hardware))
}
