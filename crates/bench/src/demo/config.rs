//! What a demo is run with.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, ensure};
use nosana_client::jobs::types::MarketTerms;
use nosana_localnet::{WorldConfig, default_terms};

/// Cells of a market's queue.
const MOST_JOBS: usize = 200;
/// A price at which the fee has to be rounded: 1,237 base units a second are 4.45 NOS an hour.
const PRICE: u64 = 1_237;
/// Short, so that jobs which take a second or more send heartbeats.
const HEARTBEAT_SECONDS: u32 = 5;

/// How a demo is run.
#[derive(Clone, Debug)]
pub struct DemoConfig {
    /// Jobs to list, 1 to 200.
    pub jobs: usize,
    /// Milliseconds between two blocks; a demo that people watch takes 400, a test 50.
    pub slot_ms: u64,
    /// Where the page, the data and the content store go.
    pub out: PathBuf,
    /// Where `nosana_jobs.so`, `nosana_staking.so` and `nosana_rewards.so` are.
    pub programs: PathBuf,
    /// The longest wait for any one thing: the network, the worker, the next job. Software Vulkan
    /// is slow, and the first run fetches the model and compiles the shaders.
    pub patience: Duration,
    /// Tells nothing on stderr.
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
    pub(super) fn check(&self) -> Result<()> {
        let jobs = self.jobs;
        ensure!(
            (1..=MOST_JOBS).contains(&jobs),
            "{jobs} jobs are asked for; 1 to {MOST_JOBS} fit into the market"
        );
        Ok(())
    }

    pub(super) fn terms() -> MarketTerms {
        MarketTerms {
            price_per_second: PRICE,
            heartbeat_seconds: HEARTBEAT_SECONDS,
            ..default_terms()
        }
    }

    pub(super) fn world(&self) -> WorldConfig {
        WorldConfig {
            slot_ms: self.slot_ms,
            programs_folder: self.programs.clone(),
            terms: Self::terms(),
            ..WorldConfig::default()
        }
    }
}
