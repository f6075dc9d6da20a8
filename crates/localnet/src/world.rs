//! A local network with the whole protocol: programs, mint, configurations, a market, and funded
//! wallets.

use anyhow::{Context, Result};
use nosana_client::{Session, actions, jobs, rewards, staking, token};
use nosana_migrations::{
    IdlPlan, MarketPlan, MintSource, Plan, StepOutcome, Target, steps::grants::grant_tokens,
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{Localnet, LocalnetConfig, ProgramFile, WorldConfig, world_config::NOS};

/// Lamports in one SOL.
const SOL: u64 = 1_000_000_000;
/// Lamports of each wallet at the start.
const WALLET_LAMPORTS: u64 = 100 * SOL;
/// NOS of each wallet at the start, in base units.
const WALLET_NOS: u64 = 100_000 * NOS;
/// The staker's stake, in base units.
const STAKE_AMOUNT: u64 = 10_000 * NOS;
/// Duration of the staker's stake: a year.
const STAKE_SECONDS: u64 = 365 * 86_400;

/// Number of the market among the deployer's.
const MARKET_ID: u64 = 1;
/// Deposit for opening a market, in base units.
const MARKET_DEPOSIT: u64 = 50 * NOS;
/// How long changes of the market's terms are announced: a day.
const NOTICE_SECONDS: u32 = 86_400;

/// A running network with the whole protocol. Every wallet has SOL and NOS; the staker has a stake
/// that earns rewards.
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
    /// Starts the network and applies the migrations; calls `progress` with the name of each
    /// step.
    pub async fn start(config: WorldConfig, mut progress: impl FnMut(&str)) -> Result<Self> {
        let [deployer, client, node, staker] = std::array::from_fn(|_| Keypair::new());
        let wallets = [&deployer, &client, &node, &staker].map(|wallet| wallet.pubkey());

        progress("starting a local network");
        let network = Localnet::start(network_config(&config, &wallets, deployer.pubkey())).await?;
        let session = Session::connect(&network.rpc_url(), &network.ws_url()).await?;

        let plan = migration_plan(&config, &wallets);
        let target = Target { session: &session, deployer: &deployer };
        let report = |step: &str, outcome: StepOutcome| match outcome {
            StepOutcome::Applied | StepOutcome::Unchanged => progress(&format!("migration {step}")),
            StepOutcome::Skipped(reason) => {
                progress(&format!("migration {step}, skipped: {reason}"));
            }
        };
        nosana_migrations::apply_plan(target, &plan, report).await?;

        let market = nosana_migrations::market_address(&deployer.pubkey(), MARKET_ID);
        let mint = plan.mint.address();
        let world = Self { network, session, mint, market, deployer, client, node, staker };

        progress("staking");
        world.stake_and_enter(&world.staker).await.context("the staker cannot stake")?;
        Ok(world)
    }

    /// Creates a wallet with these lamports and base units of NOS.
    pub async fn create_wallet(&self, lamports: u64, nos: u64) -> Result<Keypair> {
        let wallet = Keypair::new();
        self.network.airdrop(wallet.pubkey(), lamports).await?;

        let target = Target { session: &self.session, deployer: &self.deployer };
        grant_tokens(target, self.mint, &[(wallet.pubkey(), nos)]).await?;
        Ok(wallet)
    }

    /// Returns the address of a wallet's token account for NOS.
    pub fn token_account(&self, owner: &Address) -> Address {
        token::associated_address(owner, &self.mint)
    }

    /// Ends the network.
    pub async fn stop(self) -> Result<()> {
        self.network.stop().await
    }

    /// Stakes, and enters the reward pool.
    async fn stake_and_enter(&self, owner: &Keypair) -> Result<()> {
        let stake = actions::open_stake(owner.pubkey(), self.mint, STAKE_AMOUNT, STAKE_SECONDS);
        let enter = actions::enter(owner.pubkey());

        self.session.send_transaction(&[stake.into(), enter.into()], owner, &[]).await?;
        Ok(())
    }
}

fn network_config(
    config: &WorldConfig,
    wallets: &[Address; 4],
    upgrade_authority: Address,
) -> LocalnetConfig {
    let programs = [("jobs", jobs::ID), ("staking", staking::ID), ("rewards", rewards::ID)];
    let program_file = |(name, address)| ProgramFile {
        address,
        path: config.programs_folder.join(format!("nosana_{name}.so")),
    };

    LocalnetConfig {
        rpc_port: config.rpc_port,
        slot_ms: config.slot_ms,
        programs: programs.map(program_file).to_vec(),
        airdrops: wallets.map(|wallet| (wallet, WALLET_LAMPORTS)).to_vec(),
        upgrade_authority: Some(upgrade_authority),
    }
}

fn migration_plan(config: &WorldConfig, wallets: &[Address; 4]) -> Plan {
    Plan {
        mint: MintSource::Created(Keypair::new()),
        epoch_seconds: config.epoch_seconds,
        network_fee_bps: config.network_fee_bps,
        market_deposit: MARKET_DEPOSIT,
        market: Some(MarketPlan {
            id: MARKET_ID,
            notice_seconds: NOTICE_SECONDS,
            terms: config.terms,
        }),
        grants: wallets.map(|wallet| (wallet, WALLET_NOS)).to_vec(),
        // The program that would hold them is in no package registry: the step says so.
        idls: Some(IdlPlan { folder: "idl".into(), keypair_file: None }),
    }
}
