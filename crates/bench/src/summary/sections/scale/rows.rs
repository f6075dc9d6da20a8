//! The rows of `scale.json`, as far as the page shows them.

use nosana_scale::{comparison::Comparison, service::ServiceTimes};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct ScaleFile {
    pub(super) config: ConfigRow,
    pub(super) points: Vec<PointRow>,
    /// A run of the demo beside the same run in the model, if there was one.
    #[serde(default)]
    pub(super) comparison: Option<Comparison>,
}

/// What was simulated.
#[derive(Deserialize)]
pub(super) struct ConfigRow {
    /// How long jobs run.
    pub(super) service: ServiceTimes,
}

/// One combination of nodes, markets and load.
#[derive(Deserialize)]
pub(super) struct PointRow {
    pub(super) nodes: u64,
    pub(super) markets: u64,
    pub(super) load: LoadRow,
    pub(super) ceiling_per_second: f64,
    pub(super) seeds: u64,
    pub(super) piles_up: bool,
    pub(super) served_spread: Option<SpreadRow>,
    pub(super) outcome: OutcomeRow,
}

#[derive(Deserialize)]
pub(super) struct LoadRow {
    pub(super) name: String,
    pub(super) single: f64,
    pub(super) batched: f64,
}

/// The lowest and the highest of several simulations.
#[derive(Deserialize)]
pub(super) struct SpreadRow {
    pub(super) least: f64,
    pub(super) most: f64,
}

#[derive(Deserialize)]
pub(super) struct OutcomeRow {
    pub(super) seconds: f64,
    pub(super) listed: u64,
    pub(super) finished: u64,
    pub(super) unstarted: u64,
    pub(super) jobs_per_second: f64,
    pub(super) utilization: f64,
    pub(super) waits: Option<WaitsRow>,
}

#[derive(Deserialize)]
pub(super) struct WaitsRow {
    pub(super) median: f64,
    pub(super) p95: f64,
}

impl PointRow {
    /// Returns results as a part of what clients listed, in percent.
    pub(super) fn served_percent(&self) -> f64 {
        self.outcome.finished as f64 / self.outcome.listed.max(1) as f64 * 100.0
    }

    /// Formats that, with the lowest and the highest of all simulations.
    pub(super) fn format_served(&self) -> String {
        let served = format!("{:.1} %", self.served_percent());
        let Some(spread) = self.served_spread.as_ref().filter(|_| self.seeds > 1) else {
            return served;
        };
        format!("{served} ({:.1}–{:.1})", spread.least * 100.0, spread.most * 100.0)
    }

    /// Formats a waiting time, in seconds.
    pub(super) fn format_wait(&self, part: fn(&WaitsRow) -> f64) -> String {
        let absent = if self.piles_up { "grows" } else { "–" };
        let waits = self.outcome.waits.as_ref();
        waits.map_or_else(|| absent.to_owned(), |waits| format!("{:.1}", part(waits)))
    }
}
