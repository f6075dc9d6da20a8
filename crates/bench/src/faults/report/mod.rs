//! The report of a trial: everything that the page shows, as `faults.json` contains it. Amounts are
//! base units of NOS.
//!
//! | module | purpose |
//! | --- | --- |
//! | `counts` | what was counted |
//! | `course` | the drawing of jobs and kills over time |
//! | `tables` | the tables of page and text |
//! | `page`, `text` | the page, and the text for terminals |

pub(super) mod counts;
pub(super) mod course;
mod page;
#[cfg(test)]
mod sample;
mod tables;
mod text;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use nosana_localnet::WorldConfig;
use serde::Serialize;

use self::{
    counts::{JobCounts, JobSummary, NodeFigures},
    course::Course,
};
use super::{
    config::{FaultsConfig, JOBS_IN_FLIGHT, PRICE, SLOTS, TIMEOUT_SECONDS},
    keeper::NodeLife,
    recovery::RecoveryTimes,
    workload::JobWork,
};
use crate::{checks::Check, liar::sheet::Sheet, report::job::Money};

/// The version of the report's format.
pub const REPORT_VERSION: &str = "nosana-faults/1";

/// The report of a finished trial.
#[derive(Clone, Debug, Serialize)]
pub struct FaultsReport {
    /// [`REPORT_VERSION`].
    pub version: &'static str,
    /// The end of the trial, in unix milliseconds by this machine's clock.
    pub unix_ms: u64,
    /// The environment of the trial.
    pub setting: Setting,
    /// What became of the jobs.
    pub counts: JobCounts,
    /// What happened to the node.
    pub node: NodeFigures,
    /// The times from a restart to the next work.
    pub recovery: RecoveryTimes,
    /// The money of all jobs.
    pub money: Money,
    /// The stages of the jobs over time. They are drawn only: events may be missing.
    #[serde(skip)]
    pub course: Course,
    /// The jobs, in the order of their listing.
    pub jobs: Vec<JobSummary>,
    /// The processes of the node, in order.
    pub lives: Vec<NodeLife>,
    /// The balances of everybody.
    pub sheet: Sheet,
    /// The checked claims.
    pub checks: Vec<Check>,
    /// Seconds that each part took.
    pub timings: Vec<(String, f64)>,
    /// The path of the HTML page.
    #[serde(skip)]
    pub page: PathBuf,
}

/// The environment of a trial.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// How long the node was killed and started again.
    pub seconds: f64,
    /// Seed of the kills.
    pub seed: u64,
    /// Mean time from a start to the kill, in seconds.
    pub mean_life_seconds: f64,
    /// Milliseconds between two blocks.
    pub slot_ms: u64,
    /// What the jobs run.
    pub work: JobWork,
    /// Jobs that the node runs at a time.
    pub slots: u8,
    /// Jobs that are open at a time.
    pub jobs_in_flight: u64,
    /// Longest paid time of a job, in seconds.
    pub timeout_seconds: u64,
    /// The market's price for a second of work.
    pub price_per_second: u64,
    /// The network's fee on that price, in basis points.
    pub network_fee_bps: u16,
}

impl Setting {
    pub(super) fn new(config: &FaultsConfig, work: JobWork) -> Self {
        Self {
            seconds: config.duration.as_secs_f64(),
            seed: config.seed,
            mean_life_seconds: config.mean_life.as_secs_f64(),
            slot_ms: config.slot_ms,
            work,
            slots: SLOTS,
            jobs_in_flight: JOBS_IN_FLIGHT,
            timeout_seconds: TIMEOUT_SECONDS,
            price_per_second: PRICE,
            network_fee_bps: WorldConfig::default().network_fee_bps,
        }
    }
}

impl FaultsReport {
    /// Writes `faults.json` and `index.html` into a folder.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write_to(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self).context("cannot write the report as JSON")?;
        let page = page::render_page(self).into_bytes();

        for (name, bytes) in [("faults.json", json), ("index.html", page)] {
            let path = folder.join(name);
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// Renders the report as text.
    pub fn render_text(&self) -> String {
        text::render_text(self)
    }
}
