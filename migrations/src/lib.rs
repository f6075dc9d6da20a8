//! Set-up of a cluster in numbered steps that the local network, the tests and a real deployment
//! share.
//!
//! Each step looks at the chain first and does only what is missing, so applying the plan again
//! changes nothing.
//!
//! | step | makes |
//! | --- | --- |
//! | 1 [`steps::mint`] | the NOS mint, where a plan brings its key; a real cluster names the one that exists |
//! | 2 [`steps::rewards`] | the reward pool |
//! | 3 [`steps::staking`] | the staking configuration |
//! | 4 [`steps::jobs`] | the jobs configuration |
//! | 5 [`steps::grants`] | NOS for wallets, only where the plan made the mint |
//! | 6 [`steps::market`] | one market |

pub mod steps;

use anyhow::Result;
use nosana_client::{Session, jobs::types::MarketTerms, pda};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// What a cluster should hold when all steps are done.
#[derive(Debug)]
pub struct Plan {
    /// The mint of NOS.
    pub mint: Mint,
    /// Length of a reward epoch.
    pub epoch_seconds: u64,
    /// The network's fee on what nodes earn.
    pub network_fee_bps: u16,
    /// What opening a market costs until it is closed, in base units.
    pub market_deposit: u64,
    /// A market of the deployer's; none if `None`.
    pub market: Option<Market>,
    /// Base units of NOS to mint to wallets that have no token account yet.
    pub grants: Vec<(Address, u64)>,
}

/// A market to open.
#[derive(Clone, Copy, Debug)]
pub struct Market {
    /// Its number among the deployer's.
    pub id: u64,
    /// How long changes of its terms are announced.
    pub notice_seconds: u32,
    /// Its terms.
    pub terms: MarketTerms,
}

/// Where NOS comes from.
#[derive(Debug)]
pub enum Mint {
    /// It exists.
    Existing(Address),
    /// It is made with this key; the deployer may mint.
    Made(Keypair),
}

impl Mint {
    /// Its address.
    pub fn address(&self) -> Address {
        match self {
            Self::Existing(address) => *address,
            Self::Made(keypair) => keypair.pubkey(),
        }
    }
}

/// Whether a step had anything to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The chain was changed.
    Applied,
    /// It was so already.
    Unchanged,
}

/// The two ends of every step: the cluster and who pays.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The cluster.
    pub session: &'a Session,
    /// Upgrade authority of the three programs; pays for everything.
    pub deployer: &'a Keypair,
}

impl Target<'_> {
    /// Sends `instructions`, signed by the deployer and `signers`.
    pub(crate) async fn send(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<()> {
        self.session.send(instructions, self.deployer, signers).await?;
        Ok(())
    }

    /// Whether anything is at `address`.
    pub(crate) async fn exists(&self, address: &Address) -> Result<bool> {
        Ok(self.session.raw_account(address).await?.is_some())
    }
}

/// Applies all steps in order and tells `progress` of each.
///
/// # Errors
/// The first step that fails, with its name. Everything before it stays; mend the cause and apply
/// the plan again.
pub async fn apply(
    target: Target<'_>,
    plan: &Plan,
    mut progress: impl FnMut(&str, Outcome),
) -> Result<()> {
    progress("1 mint", steps::mint::apply(target, &plan.mint).await?);
    let mint = plan.mint.address();
    progress("2 rewards", steps::rewards::apply(target, mint, plan.epoch_seconds).await?);
    progress("3 staking", steps::staking::apply(target, mint).await?);
    progress(
        "4 jobs",
        steps::jobs::apply(target, mint, plan.network_fee_bps, plan.market_deposit).await?,
    );
    if matches!(plan.mint, Mint::Made(_)) {
        progress("5 grants", steps::grants::apply(target, mint, &plan.grants).await?);
    }
    if let Some(market) = &plan.market {
        progress("6 market", steps::market::apply(target, &plan.mint, market).await?);
    }
    Ok(())
}

/// The market with this number of the deployer's.
pub fn market_address(deployer: &Address, id: u64) -> Address {
    pda::jobs::market(deployer, id)
}
