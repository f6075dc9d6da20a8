//! A local network with everything on it: programs, mint, configurations, a market, and wallets
//! with money.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nosana_client::{
    Session, actions,
    jobs::{self, types::MarketTerms},
    rewards, staking, token,
};
use nosana_migrations::{Market, Mint, Plan, Target};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{Localnet, LocalnetConfig, ProgramFile};

/// Lamports in one SOL.
const SOL: u64 = 1_000_000_000;
/// Base units in one NOS.
const NOS: u64 = 1_000_000;
/// What each wallet of the world starts with.
const PURSE: (u64, u64) = (100 * SOL, 100_000 * NOS);
/// What the staker stakes, for how long.
const STAKE: (u64, u64) = (10_000 * NOS, 365 * 86_400);

/// What opening the market cost, in base units.
const MARKET_DEPOSIT: u64 = 50 * NOS;
/// How long changes of its terms are announced: a day.
const NOTICE_SECONDS: u32 = 86_400;

/// How a world is made.
#[derive(Clone, Debug)]
pub struct WorldConfig {
    /// Port of the JSON-RPC server; 0 picks a free pair.
    pub rpc_port: u16,
    /// Milliseconds between two blocks.
    pub slot_ms: u64,
    /// Where `nosana_jobs.so`, `nosana_staking.so` and `nosana_rewards.so` are.
    pub programs_folder: PathBuf,
    /// Terms of the market.
    pub terms: MarketTerms,
    /// Length of a reward epoch.
    pub epoch_seconds: u64,
    /// The network's fee on what nodes earn.
    pub network_fee_bps: u16,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            rpc_port: 0,
            slot_ms: LocalnetConfig::DEFAULT_SLOT_MS,
            programs_folder: find_programs(),
            terms: default_terms(),
            epoch_seconds: 3_600,
            network_fee_bps: 1_000,
        }
    }
}

/// Terms for a market to play with: 50 base units a second (0.18 NOS an hour), 10 NOS of collateral
/// a job.
pub fn default_terms() -> MarketTerms {
    MarketTerms {
        price_per_second: 50,
        min_xnos: 100 * NOS,
        collateral_per_job: 10 * NOS,
        no_start_penalty: NOS,
        access_collection: Address::new_from_array([0; 32]),
        max_timeout_seconds: 3_600,
        queue_seconds: 86_400,
        start_seconds: 120,
        heartbeat_seconds: 60,
        finish_grace_seconds: 30,
        challenge_seconds: 0,
        retention_seconds: 60,
        min_vram_mib: 0,
        min_gflops: 0,
        audit_rate_bps: 0,
        min_reputation_bps: 0,
        max_attempts: 3,
        max_parallel: 8,
    }
}

/// `target/deploy` of the checkout that the current folder is in.
fn find_programs() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let deploy = Path::new("target").join("deploy");
    let found = here.ancestors().map(|folder| folder.join(&deploy)).find(|folder| folder.is_dir());
    found.unwrap_or(deploy)
}

/// A running world. Every wallet has SOL and NOS; the staker has staked and earns.
#[derive(Debug)]
pub struct World {
    /// The network.
    pub network: Localnet,
    /// A connection to it.
    pub session: Session,
    /// The mint of NOS.
    pub mint: Address,
    /// The market.
    pub market: Address,
    /// Upgrade authority, admin, authority of mint and market.
    pub deployer: Keypair,
    /// Lists jobs.
    pub client: Keypair,
    /// Owns a node that is not registered yet.
    pub node: Keypair,
    /// Has a stake and a position in the reward pool.
    pub staker: Keypair,
}

impl World {
    /// Starts the network and applies the migrations; tells `progress` what it does.
    pub async fn start(config: WorldConfig, mut progress: impl FnMut(&str)) -> Result<Self> {
        let [deployer, client, node, staker] = std::array::from_fn(|_| Keypair::new());
        progress("starting a local network");
        let programs = [("jobs", jobs::ID), ("staking", staking::ID), ("rewards", rewards::ID)];
        let file = |(name, address)| ProgramFile {
            address,
            path: config.programs_folder.join(format!("nosana_{name}.so")),
        };
        let network = Localnet::start(LocalnetConfig {
            rpc_port: config.rpc_port,
            slot_ms: config.slot_ms,
            programs: programs.map(file).to_vec(),
            airdrops: [&deployer, &client, &node, &staker]
                .map(|wallet| (wallet.pubkey(), PURSE.0))
                .to_vec(),
            upgrade_authority: Some(deployer.pubkey()),
        })
        .await?;
        let session = Session::connect(&network.rpc_url(), &network.ws_url()).await?;
        let plan = Plan {
            mint: Mint::Made(Keypair::new()),
            epoch_seconds: config.epoch_seconds,
            network_fee_bps: config.network_fee_bps,
            market_deposit: MARKET_DEPOSIT,
            market: Some(Market { id: 1, notice_seconds: NOTICE_SECONDS, terms: config.terms }),
            grants: [&deployer, &client, &node, &staker]
                .map(|wallet| (wallet.pubkey(), PURSE.1))
                .to_vec(),
        };
        let target = Target { session: &session, deployer: &deployer };
        nosana_migrations::apply(target, &plan, |step, _| progress(&format!("migration {step}")))
            .await?;
        let market = nosana_migrations::market_address(&deployer.pubkey(), 1);
        let world = Self {
            network,
            session,
            mint: plan.mint.address(),
            market,
            deployer,
            client,
            node,
            staker,
        };
        progress("staking");
        world.stake(&world.staker).await.context("the staker cannot stake")?;
        Ok(world)
    }

    /// A new wallet with these lamports and base units of NOS.
    pub async fn wallet(&self, lamports: u64, nos: u64) -> Result<Keypair> {
        let wallet = Keypair::new();
        self.network.airdrop(wallet.pubkey(), lamports).await?;
        let target = Target { session: &self.session, deployer: &self.deployer };
        nosana_migrations::steps::grants::apply(target, self.mint, &[(wallet.pubkey(), nos)])
            .await?;
        Ok(wallet)
    }

    /// A wallet's token account for NOS.
    pub fn tokens(&self, owner: &Address) -> Address {
        token::associated_address(owner, &self.mint)
    }

    /// Ends the network.
    pub async fn stop(self) -> Result<()> {
        self.network.stop().await
    }

    async fn stake(&self, owner: &Keypair) -> Result<()> {
        let stake = actions::stake(owner.pubkey(), self.mint, STAKE.0, STAKE.1);
        self.session
            .send(&[stake.into(), actions::enter(owner.pubkey()).into()], owner, &[])
            .await?;
        Ok(())
    }
}
