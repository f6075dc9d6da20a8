//! The row of the README: the largest markets.

use nosana_scale::service::ServiceTimes;

use super::rows::{PointRow, ScaleFile};
use crate::{format::format_thousands, summary::figure_row::FigureRow};

/// The nodes of all markets together.
const NODES: u64 = 100_000;
/// The name of the load.
const LOAD: &str = "0.95";
/// The numbers of markets.
const MARKETS: [u64; 2] = [1, 4];

/// Returns the row, if these markets were simulated.
pub(super) fn describe_largest(file: &ScaleFile) -> Option<FigureRow> {
    let describe = |markets: u64| {
        let is_largest = |point: &&PointRow| {
            point.nodes == NODES && point.markets == markets && point.load.name == LOAD
        };
        file.points.iter().find(is_largest).map(describe_results)
    };
    let figures: Option<Vec<String>> = MARKETS.into_iter().map(describe).collect();

    let what = format!(
        "{} nodes, 95 % of what they can run, simulated with {}: results a second in one market, \
         in four",
        format_thousands(NODES),
        describe_runs(&file.config.service)
    );
    Some(FigureRow::new(what, figures?.join("; "), "bench scale"))
}

/// Describes how long jobs run, and whether that is known.
fn describe_runs(service: &ServiceTimes) -> String {
    let origin = match service {
        ServiceTimes::Exponential(_) => "assumed",
        ServiceTimes::Measured(_) | ServiceTimes::InOrder(_) => "measured",
    };
    format!("runs of {:.0} s on average, {origin}", service.mean())
}

fn describe_results(point: &PointRow) -> String {
    let results = format_thousands(point.outcome.jobs_per_second.round() as u64);
    if point.piles_up {
        return format!("{results}, and the queue grows");
    }

    let wait = point.format_wait(|waits| waits.p95);
    format!("{results}, and 95 % of the jobs wait {wait} s at most")
}
