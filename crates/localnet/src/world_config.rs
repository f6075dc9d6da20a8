//! The configuration of a [`crate::World`].

use std::path::{Path, PathBuf};

use nosana_client::jobs::types::MarketTerms;
use solana_address::Address;

use crate::LocalnetConfig;

/// Base units in one NOS.
pub(crate) const NOS: u64 = 1_000_000;

/// The configuration of a [`crate::World`].
#[derive(Clone, Debug)]
pub struct WorldConfig {
    /// Port of the JSON-RPC server; 0 picks a free pair.
    pub rpc_port: u16,
    /// Milliseconds between two blocks.
    pub slot_ms: u64,
    /// Folder of `nosana_jobs.so`, `nosana_staking.so` and `nosana_rewards.so`.
    pub programs_folder: PathBuf,
    /// Terms of the market.
    pub terms: MarketTerms,
    /// Length of a reward epoch, in seconds.
    pub epoch_seconds: u64,
    /// The network's fee on what nodes earn, in basis points.
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

/// Returns terms for a market to experiment with: 50 base units a second (0.18 NOS an hour), 10 NOS
/// of collateral per job, a minute to reject a result.
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
        challenge_seconds: 60,
        retention_seconds: 60,
        min_vram_mib: 0,
        min_prompt_tokens_per_second: 0,
        panel_fee_bps: 0,
        min_reputation_bps: 0,
        max_attempts: 3,
        max_parallel: 16,
        min_timeout_seconds: 2,
        min_run_seconds: 2,
        dispute_seconds: 0,
        min_collateral_ratio: 0,
    }
}

/// Returns the default terms without a challenge window and without a rest after a result: the
/// results of nodes that their clients trust are paid at once.
pub fn windowless_terms() -> MarketTerms {
    MarketTerms {
        challenge_seconds: 0,
        min_timeout_seconds: 1,
        min_run_seconds: 0,
        ..default_terms()
    }
}

/// Finds `target/deploy` of the checkout that contains the current folder.
fn find_programs() -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    let deploy = Path::new("target").join("deploy");

    let mut candidates = current.ancestors().map(|folder| folder.join(&deploy));
    candidates.find(|folder| folder.is_dir()).unwrap_or(deploy)
}
