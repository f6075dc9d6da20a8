//! The report of the trial: everything that the page shows, as `liar.json` contains it. Amounts are
//! base units of NOS.
//!
//! | module | purpose |
//! | --- | --- |
//! | `case` | one node, the dispute about its result, the payments |
//! | `tables` | the tables of page and text |
//! | `bits`, `course` | drawings: sketches, and the course of the disputes |
//! | `page`, `text` | the page, and the text for terminals |

mod bits;
mod case;
mod course;
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

pub use self::case::{CaseReport, VoteReport};
use super::{
    config::{COLLATERAL, LiarConfig, PRICE, TIMEOUT_SECONDS},
    disputes::ClockAdvance,
    sheet::Sheet,
};
use crate::checks::Check;

/// The version of the report's format.
pub const REPORT_VERSION: &str = "nosana-liar/1";

/// The report of a finished trial.
#[derive(Clone, Debug, Serialize)]
pub struct LiarReport {
    /// [`REPORT_VERSION`].
    pub version: &'static str,
    /// The end of the trial, in unix milliseconds by this machine's clock.
    pub unix_ms: u64,
    /// The environment of the trial.
    pub setting: Setting,
    /// The five nodes and the disputes about their results.
    pub cases: Vec<CaseReport>,
    /// When the network's clock was advanced.
    pub advances: Vec<ClockAdvance>,
    /// The balances of everybody.
    pub sheet: Sheet,
    /// The checked claims.
    pub checks: Vec<Check>,
    /// Errors that were retried. No payment depends on them, as the checks show.
    pub problems: Vec<String>,
    /// Seconds that each part took.
    pub timings: Vec<(String, f64)>,
    /// The path of the HTML page.
    #[serde(skip)]
    pub page: PathBuf,
}

/// The environment of a trial.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// Milliseconds between two blocks.
    pub slot_ms: u64,
    /// The market's price for a second of work.
    pub price_per_second: u64,
    /// The timeout of each job, the challenge window and the phases of disputes, in seconds.
    pub timeout_seconds: u32,
    /// The network's fee on that price, in basis points.
    pub network_fee_bps: u16,
    /// What a node locks for a job.
    pub collateral: u64,
    /// The device of all nodes.
    pub device: String,
}

impl Setting {
    pub(super) fn new(config: &LiarConfig, device: String) -> Self {
        Self {
            slot_ms: config.slot_ms,
            price_per_second: PRICE,
            timeout_seconds: TIMEOUT_SECONDS,
            network_fee_bps: WorldConfig::default().network_fee_bps,
            collateral: COLLATERAL,
            device,
        }
    }
}

impl LiarReport {
    /// Writes `liar.json` and `index.html` into a folder.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write_to(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self).context("cannot write the report as JSON")?;
        let page = page::render_page(self).into_bytes();

        for (name, bytes) in [("liar.json", json), ("index.html", page)] {
            let path = folder.join(name);
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// Renders the report as text.
    pub fn render_text(&self) -> String {
        text::render_text(self)
    }

    /// The seconds by which the clock was advanced.
    pub fn sum_advances(&self) -> u64 {
        self.advances.iter().map(|advance| advance.seconds).sum()
    }
}
