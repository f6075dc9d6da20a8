//! The figures in tables.

use nosana_scale::{average::Spread, outcome::WaitTimes, point::ScalePoint};

use super::ScaleReport;
use crate::{format::format_thousands, simulate::tables::Table};

/// What a table has in place of a waiting time that grows as long as the simulation goes on.
const GROWS: &str = "grows";
/// What a table has in place of a figure that is not known.
const UNKNOWN: &str = "–";

/// Returns the tables of what was simulated.
pub fn list_simulated(report: &ScaleReport) -> [Table; 2] {
    [list_ceilings(report), list_points(&report.points)]
}

/// What several markets add.
fn list_ceilings(report: &ScaleReport) -> Table {
    let row = |markets: &usize| {
        let ceiling = report.limits.find_ceiling(&report.costs, *markets);
        let slots = ceiling * report.config.service.mean();
        let most = report.points.iter().filter(|point| point.markets == *markets);
        let most = most.map(|point| point.outcome.jobs_per_second).fold(0.0, f64::max);
        vec![
            markets.to_string(),
            format_rate(ceiling),
            format_thousands(slots.round() as u64),
            format_rate(most),
        ]
    };
    Table {
        title: "What several markets add",
        about: "Whole jobs in a second that blocks have room for, as the suite throughput computes \
                them: one market is bound by the limit of its queue's account, many by that of the \
                block. So many slots keep blocks full if all of them compute all the time. More \
                than that is not simulated: the last column has the most results of this page.",
        heading: vec!["markets", "jobs/s in blocks", "slots", "most results/s, simulated"],
        text_columns: &[],
        rows: report.config.markets.iter().map(row).collect(),
    }
}

fn list_points(points: &[ScalePoint]) -> Table {
    let row = |point: &ScalePoint| {
        let outcome = &point.outcome;
        let mut cells = vec![
            format_thousands(point.nodes as u64),
            point.markets.to_string(),
            point.load.name.to_owned(),
            point.seeds.to_string(),
            format_rate(outcome.listed as f64 / outcome.seconds),
            format_rate(outcome.jobs_per_second),
            format_thousands(outcome.unstarted),
        ];
        cells.extend(format_waits(point));
        cells.push(format_share(outcome.utilization));
        cells.push(format!("{:.2}", outcome.requeues_per_job * 1_000.0));
        cells.push(format_share(outcome.chain.account_share));
        cells.push(format_share(outcome.chain.block_share));
        cells
    };
    Table {
        title: "Markets of all sizes",
        about: "Loads are parts of what the slots can run; with bursts, 0.5 comes job by job and \
                0.3 in batches. Figures are means of several simulations with other random \
                numbers; the range has the lowest and the highest of them. A job waits from the \
                client's list to the start of the run. Waits grow as long as jobs come if those \
                pile up: clients list more than blocks have room for, or the queues grow by more \
                than 5 % of it. Not started are the jobs that still waited when the simulation \
                ended. Queue and block are parts of the limits of an account and of a block; the \
                queue is the busiest one.",
        heading: vec![
            "nodes",
            "markets",
            "load",
            "simulations",
            "listed/s",
            "results/s",
            "not started",
            "wait 50 %, s",
            "wait 95 %, s",
            "its range, s",
            "wait 99 %, s",
            "slots busy",
            "requeues per 1,000",
            "queue",
            "block",
        ],
        text_columns: &[],
        rows: points.iter().map(row).collect(),
    }
}

/// Returns the cells of the waiting times.
fn format_waits(point: &ScalePoint) -> [String; 4] {
    let absent = if point.piles_up { GROWS } else { UNKNOWN };
    let seconds = |part: fn(&WaitTimes) -> f64| {
        let waits = point.outcome.waits.as_ref();
        waits.map_or_else(|| absent.to_owned(), |waits| format!("{:.1}", part(waits)))
    };
    let range = |spread: Spread| format!("{:.1}–{:.1}", spread.least, spread.most);

    [
        seconds(|waits| waits.median),
        seconds(|waits| waits.p95),
        point.p95_spread.map_or_else(|| UNKNOWN.to_owned(), range),
        seconds(|waits| waits.p99),
    ]
}

pub(super) fn format_share(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Formats a number of jobs in a second: `0.31`, `1,980`.
fn format_rate(rate: f64) -> String {
    if rate < 100.0 { format!("{rate:.2}") } else { format_thousands(rate.round() as u64) }
}

#[cfg(test)]
mod tests {
    use nosana_scale::{load::HIGH_LOAD, outcome::Outcome};

    use super::*;

    #[test]
    fn figures_are_short() {
        assert_eq!([0.306, 99.994, 1_979.6].map(format_rate), ["0.31", "99.99", "1,980"]);
        assert_eq!(format_share(0.9512), "95.1 %");
    }

    #[test]
    fn waiting_times_that_grow_have_no_number() {
        let mut point = ScalePoint {
            nodes: 10,
            markets: 1,
            load: HIGH_LOAD,
            offered_per_second: 2.0,
            ceiling_per_second: 1.0,
            seeds: 1,
            outcome: Outcome { seconds: 1.0, unstarted: 7, ..Outcome::default() },
            piles_up: true,
            p95_spread: None,
            served_spread: None,
        };
        assert_eq!(format_waits(&point), ["grows", "grows", "–", "grows"]);
        let table = list_points(std::slice::from_ref(&point));
        assert_eq!(table.rows[0].len(), table.heading.len());
        assert_eq!(table.rows[0][6], "7");

        point.piles_up = false;
        point.outcome.waits = Some(WaitTimes { mean: 1.0, median: 1.0, p95: 2.0, p99: 3.0 });
        point.p95_spread = Some(Spread { least: 1.5, most: 2.5 });
        assert_eq!(format_waits(&point), ["1.0", "2.0", "1.5–2.5", "3.0"]);
    }
}
