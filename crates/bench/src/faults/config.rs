//! Options of a trial of faults, and the terms of its market.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, ensure};
use nosana_client::jobs::types::MarketTerms;
use nosana_localnet::{WorldConfig, windowless_terms};

/// A price at which fees must be rounded.
pub const PRICE: u64 = 1_237;
/// Jobs that the node runs at a time.
pub const SLOTS: u8 = 2;
/// Jobs that are open at a time: as many wait in the queue as the node runs.
pub const JOBS_IN_FLIGHT: u64 = 4;
/// Longest paid time of a job, in seconds.
pub const TIMEOUT_SECONDS: u64 = 600;
/// Time in which the node must start a job, in seconds: short, so that a node that is killed again
/// and again loses its penalty.
const START_SECONDS: u32 = 30;
/// The shortest that a market may have.
const HEARTBEAT_SECONDS: u32 = 30;
/// The jobs' accounts stay until the trial has read them.
const RETENTION_SECONDS: u32 = 3_600;

/// Options of a trial.
#[derive(Clone, Debug)]
pub struct FaultsConfig {
    /// The `nosana` binary, which runs the node.
    pub binary: PathBuf,
    /// How long the node is killed and started again.
    pub duration: Duration,
    /// Seed of the times at which it is killed.
    pub seed: u64,
    /// Mean time between a start of the node and its kill.
    pub mean_life: Duration,
    /// Milliseconds between two blocks.
    pub slot_ms: u64,
    /// Folder for the page, its data, the content store and the node's state.
    pub out: PathBuf,
    /// Folder with `nosana_jobs.so`, `nosana_staking.so` and `nosana_rewards.so`.
    pub programs: PathBuf,
    /// Time limit for each step: the network, the first start of the node, the end of all jobs.
    pub patience: Duration,
    /// Prints nothing to stderr.
    pub quiet: bool,
}

impl Default for FaultsConfig {
    fn default() -> Self {
        Self {
            binary: PathBuf::from("nosana"),
            duration: Duration::from_secs(120),
            seed: 1,
            mean_life: Duration::from_secs(8),
            slot_ms: 100,
            out: Path::new("target").join("faults"),
            programs: WorldConfig::default().programs_folder,
            patience: Duration::from_secs(240),
            quiet: false,
        }
    }
}

impl FaultsConfig {
    pub(super) fn check_times(&self) -> Result<()> {
        ensure!(
            !self.duration.is_zero() && !self.mean_life.is_zero(),
            "the duration and the mean life must not be zero; give one second or more"
        );
        Ok(())
    }

    pub(super) fn world_config(&self) -> WorldConfig {
        WorldConfig {
            slot_ms: self.slot_ms,
            programs_folder: self.programs.clone(),
            terms: MarketTerms {
                price_per_second: PRICE,
                start_seconds: START_SECONDS,
                heartbeat_seconds: HEARTBEAT_SECONDS,
                retention_seconds: RETENTION_SECONDS,
                ..windowless_terms()
            },
            ..WorldConfig::default()
        }
    }
}
