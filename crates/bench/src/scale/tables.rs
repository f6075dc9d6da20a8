//! The figures in tables.

use nosana_scale::{
    replay::{Comparison, Pair},
    sweep::ScalePoint,
};

use super::ScaleReport;
use crate::{format::format_thousands, simulate::tables::Table};

/// Returns all tables, in the order of the report.
pub fn list_tables(report: &ScaleReport) -> [Table; 2] {
    [list_ceilings(report), list_points(&report.points)]
}

/// Describes what was simulated.
pub fn describe_setting(report: &ScaleReport) -> String {
    let config = &report.config;
    let churn = config.churn.map_or_else(
        || "nodes do not fail".to_owned(),
        |churn| {
            format!(
                "a node fails every {} seconds and is back after {}",
                format_thousands(churn.mean_life_seconds.round() as u64),
                format_thousands(churn.mean_repair_seconds.round() as u64)
            )
        },
    );
    format!(
        "Simulated, not measured: jobs run {:.1} seconds on average, a node runs {} at a time, and \
         {churn}, on average too. Transactions cost what the suite compute measured; limits are \
         those of mainnet. Seed {}.",
        config.service.mean(),
        config.slots_per_node,
        config.seed
    )
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
        about: "Whole jobs in a second that blocks have room for: one market is bound by the limit \
                of its queue's account, many by that of the block. So many slots keep blocks full \
                if all of them compute all the time.",
        heading: vec!["markets", "jobs a second", "slots", "most simulated"],
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
            format_rate(point.offered_per_second),
            format_rate(outcome.jobs_per_second),
        ];
        let waits = &outcome.waits;
        cells.extend([waits.median, waits.p95, waits.p99].map(|wait| format!("{wait:.1}")));
        cells.push(format_share(outcome.utilization));
        cells.push(format!("{:.2}", outcome.requeues_per_job * 1_000.0));
        cells.push(format_share(outcome.chain.account_share));
        cells.push(format_share(outcome.chain.block_share));
        cells
    };
    Table {
        title: "Markets of all sizes",
        about: "Loads are parts of what the slots can run; with bursts, 0.5 comes job by job and \
                0.3 in batches. Waiting times are seconds from the client's list to the start of \
                the run. Requeues are counted for each thousand results. Queue and block are parts of \
                the limits of an account and of a block; the queue is the busiest one.",
        heading: vec![
            "nodes",
            "markets",
            "load",
            "listed/s",
            "results/s",
            "median",
            "95 %",
            "99 %",
            "nodes busy",
            "requeues",
            "queue",
            "block",
        ],
        text_columns: &[],
        rows: points.iter().map(row).collect(),
    }
}

/// Returns the rows of a comparison with a real run.
pub fn list_comparison(comparison: &Comparison) -> Vec<Vec<String>> {
    let row = |name: &str, pair: &Pair| {
        vec![
            name.to_owned(),
            format!("{:.2}", pair.measured),
            format!("{:.2}", pair.simulated),
            format_share(pair.difference()),
        ]
    };
    let heading = ["figure", "measured", "simulated", "difference"].map(str::to_owned).to_vec();
    vec![
        heading,
        row("seconds of the run", &comparison.makespan),
        row("jobs a second", &comparison.jobs_per_second),
        row("median wait, in seconds", &comparison.median_wait),
    ]
}

fn format_share(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Formats a number of jobs in a second: `0.31`, `1,980`.
fn format_rate(rate: f64) -> String {
    if rate < 100.0 { format!("{rate:.2}") } else { format_thousands(rate.round() as u64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        assert_eq!([0.306, 99.994, 1_979.6].map(format_rate), ["0.31", "99.99", "1,980"]);
        assert_eq!(format_share(0.9512), "95.1 %");
    }

    #[test]
    fn a_comparison_has_a_difference_for_each_figure() {
        let pair = Pair { measured: 10.0, simulated: 9.0 };
        let comparison =
            Comparison { jobs: 3, makespan: pair, jobs_per_second: pair, median_wait: pair };
        let rows = list_comparison(&comparison);
        assert!(rows.iter().skip(1).all(|row| row[1..] == ["10.00", "9.00", "10.0 %"]), "{rows:?}");
    }
}
