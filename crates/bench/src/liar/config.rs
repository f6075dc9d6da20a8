//! Options of the trial, and the terms of its market.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use nosana_client::jobs::types::MarketTerms;
use nosana_localnet::{WorldConfig, default_terms};
use nosana_protocol::units::BASE_UNITS_PER_NOS;

/// A price at which fees must be rounded.
pub const PRICE: u64 = 1_237;
/// The timeout of each job, in seconds. Window and phases of a dispute are as long: no market may
/// have shorter ones.
pub const TIMEOUT_SECONDS: u32 = 600;
/// What a node locks for a job, in base units.
pub const COLLATERAL: u64 = 17 * BASE_UNITS_PER_NOS;
/// Longer than the trial takes on a slow machine.
const PATIENT_SECONDS: u32 = 3_600;

/// Options of the trial.
#[derive(Clone, Debug)]
pub struct LiarConfig {
    /// Milliseconds between two blocks.
    pub slot_ms: u64,
    /// Folder for the page, its data and the content store.
    pub out: PathBuf,
    /// Folder with `nosana_jobs.so`, `nosana_staking.so` and `nosana_rewards.so`.
    pub programs: PathBuf,
    /// Time limit for each step.
    pub patience: Duration,
    /// Prints nothing to stderr.
    pub quiet: bool,
}

impl Default for LiarConfig {
    fn default() -> Self {
        Self {
            slot_ms: 100,
            out: Path::new("target").join("liar"),
            programs: WorldConfig::default().programs_folder,
            patience: Duration::from_secs(240),
            quiet: false,
        }
    }
}

impl LiarConfig {
    /// Terms of a market that takes verified jobs.
    pub(super) fn market_terms() -> MarketTerms {
        MarketTerms {
            price_per_second: PRICE,
            collateral_per_job: COLLATERAL,
            challenge_seconds: TIMEOUT_SECONDS,
            dispute_seconds: TIMEOUT_SECONDS,
            panel_fee_bps: 2_500,
            min_collateral_ratio: 20,
            heartbeat_seconds: TIMEOUT_SECONDS,
            retention_seconds: PATIENT_SECONDS,
            ..default_terms()
        }
    }

    pub(super) fn world_config(&self) -> WorldConfig {
        WorldConfig {
            slot_ms: self.slot_ms,
            programs_folder: self.programs.clone(),
            terms: Self::market_terms(),
            ..WorldConfig::default()
        }
    }
}
