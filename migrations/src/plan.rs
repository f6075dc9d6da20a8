//! What a cluster has when all steps are applied.

use std::path::PathBuf;

use nosana_client::jobs::types::MarketTerms;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// What a cluster has when all steps are applied.
#[derive(Debug)]
pub struct Plan {
    /// The mint of NOS.
    pub mint: MintSource,
    /// Length of a reward epoch, in seconds.
    pub epoch_seconds: u64,
    /// The network's fee on what nodes earn, in basis points.
    pub network_fee_bps: u16,
    /// Deposit for opening a market, refunded when it is closed, in base units.
    pub market_deposit: u64,
    /// A market of the deployer's, if any.
    pub market: Option<MarketPlan>,
    /// Base units of NOS to mint to wallets without a token account.
    pub grants: Vec<(Address, u64)>,
    /// The IDLs to publish, if any.
    pub idls: Option<IdlPlan>,
}

/// A market to open.
#[derive(Clone, Copy, Debug)]
pub struct MarketPlan {
    /// Number among the deployer's markets.
    pub id: u64,
    /// How long changes of its terms are announced, in seconds.
    pub notice_seconds: u32,
    /// Terms of the market.
    pub terms: MarketTerms,
}

/// IDLs to publish. A process of its own writes them, which reads its signer's key from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdlPlan {
    /// Folder of `jobs.json`, `staking.json` and `rewards.json`.
    pub folder: PathBuf,
    /// File of the deployer's key; required on a cluster with the program-metadata program.
    pub keypair_file: Option<PathBuf>,
}

/// The source of the NOS mint.
#[derive(Debug)]
pub enum MintSource {
    /// It exists.
    Existing(Address),
    /// It is created with this key; the deployer becomes its mint authority.
    Created(Keypair),
}

impl MintSource {
    /// Returns the mint's address.
    pub fn address(&self) -> Address {
        match self {
            Self::Existing(address) => *address,
            Self::Created(keypair) => keypair.pubkey(),
        }
    }
}

/// Whether a step changed the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// The step changed the chain.
    Applied,
    /// Nothing was missing.
    Unchanged,
    /// The step could not run here and changed nothing. The reason is for the operator to read.
    Skipped(String),
}
