//! Options of a demo.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, ensure};
use nosana_client::jobs::types::MarketTerms;
use nosana_localnet::{WorldConfig, windowless_terms};

/// Jobs that fit into a market's queue.
const MAX_JOBS: usize = 200;
/// A price at which the fee must be rounded: 1,237 base units per second are 4.45 NOS per hour.
const PRICE: u64 = 1_237;
/// The shortest that a market may have.
const HEARTBEAT_SECONDS: u32 = 30;

/// Options of a demo.
#[derive(Clone, Debug)]
pub struct DemoConfig {
    /// Jobs to list, 1 to 200.
    pub jobs: usize,
    /// Milliseconds between two blocks, such as 400 for a demo and 50 for a test.
    pub slot_ms: u64,
    /// Folder for the page, its data and the content store.
    pub out: PathBuf,
    /// Folder with `nosana_jobs.so`, `nosana_staking.so` and `nosana_rewards.so`.
    pub programs: PathBuf,
    /// Time limit for each step: the network, the worker, the next job. A busy machine is slow, and
    /// the first run downloads the models.
    pub patience: Duration,
    /// Prints nothing to stderr.
    pub quiet: bool,
}

impl Default for DemoConfig {
    fn default() -> Self {
        Self {
            jobs: 8,
            slot_ms: 400,
            out: Path::new("target").join("demo"),
            programs: WorldConfig::default().programs_folder,
            patience: Duration::from_secs(240),
            quiet: false,
        }
    }
}

impl DemoConfig {
    pub(super) fn check_jobs(&self) -> Result<()> {
        let jobs = self.jobs;
        ensure!(
            (1..=MAX_JOBS).contains(&jobs),
            "cannot run {jobs} jobs; the market holds 1 to {MAX_JOBS}"
        );

        Ok(())
    }

    pub(super) fn market_terms() -> MarketTerms {
        MarketTerms {
            price_per_second: PRICE,
            heartbeat_seconds: HEARTBEAT_SECONDS,
            ..windowless_terms()
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
