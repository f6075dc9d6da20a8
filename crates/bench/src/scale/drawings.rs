//! The figures over the number of nodes, a line for each number of markets.

use nosana_scale::{load::HIGH_LOAD, point::ScalePoint};
use nosana_simulation::plots::{Line, Plot};

use super::ScaleReport;

/// The horizontal axis of all drawings.
const NODES: &str = "nodes, in all markets together";
/// The highest value of an axis of percentages.
const PERCENT_END: f64 = 110.0;
/// The end of an axis, as a multiple of its highest value.
const HEADROOM: f64 = 1.1;

/// Returns all drawings; none if there is only one number of nodes.
pub fn list_drawings(report: &ScaleReport) -> Vec<Plot> {
    let mut nodes = report.config.nodes.clone();
    nodes.sort_unstable();
    nodes.dedup();
    if nodes.len() < 2 {
        return Vec::new();
    }

    let waits = draw_waits(report);
    let plots = [draw_queues(report), draw_blocks(report), draw_results(report), waits];
    plots.into_iter().filter(has_width).collect()
}

/// Returns true if there are figures for two numbers of nodes.
fn has_width(plot: &Plot) -> bool {
    let mut places = plot.lines.iter().flat_map(|line| &line.points).map(|(nodes, _)| *nodes);
    places.next().is_some_and(|first| places.any(|place| place != first))
}

/// The lines of a figure under the high load. A line ends before the first number of nodes that has
/// no figure: larger numbers have none either.
fn list_lines(report: &ScaleReport, figure: fn(&ScalePoint) -> Option<f64>) -> Vec<Line> {
    let line = |markets: &usize| {
        let points = report.points.iter();
        let drawn = points.filter(|point| point.markets == *markets && point.load == HIGH_LOAD);
        let mut drawn: Vec<&ScalePoint> = drawn.collect();
        drawn.sort_by_key(|point| point.nodes);
        let find_place = |point: &&ScalePoint| Some((point.nodes as f64, figure(point)?));
        let points = drawn.iter().map_while(find_place).collect();
        let noun = if *markets == 1 { "market" } else { "markets" };
        Line { name: format!("{markets} {noun}"), points }
    };
    report.config.markets.iter().map(line).collect()
}

fn draw_queues(report: &ScaleReport) -> Plot {
    Plot {
        name: "queues",
        title: "How full the busiest queue is",
        about: "At 100 % transactions of the market wait for later blocks. Load 0.95.",
        x_label: NODES,
        y_label: "queue (% of an account's limit)",
        is_logarithmic: true,
        y_range: (0.0, PERCENT_END),
        threshold: ("the limit of an account", 100.0),
        lines: list_lines(report, |point| Some(point.outcome.chain.account_share * 100.0)),
    }
}

fn draw_blocks(report: &ScaleReport) -> Plot {
    Plot {
        name: "blocks",
        title: "How full blocks are",
        about: "At 100 % more markets add nothing. Load 0.95.",
        x_label: NODES,
        y_label: "all transactions (% of a block's limit)",
        is_logarithmic: true,
        y_range: (0.0, PERCENT_END),
        threshold: ("the limit of a block", 100.0),
        lines: list_lines(report, |point| Some(point.outcome.chain.block_share * 100.0)),
    }
}

fn draw_results(report: &ScaleReport) -> Plot {
    Plot {
        name: "results",
        title: "Results as a part of what clients list",
        about: "About 100 %, by chance some percent more or less, if all jobs are run. Clearly \
                below that jobs pile up: blocks have no room for them. Load 0.95.",
        x_label: NODES,
        y_label: "results (% of the listed jobs)",
        is_logarithmic: true,
        y_range: (0.0, PERCENT_END + 10.0),
        threshold: ("as many as are listed", 100.0),
        lines: list_lines(report, |point| Some(point.served_share() * 100.0)),
    }
}

fn draw_waits(report: &ScaleReport) -> Plot {
    let lines = list_lines(report, |point| point.outcome.waits.map(|waits| waits.p95));
    let run = report.config.service.mean();
    let highest = lines.iter().flat_map(|line| &line.points).map(|(_, wait)| *wait);
    let highest = highest.fold(run, f64::max);
    Plot {
        name: "waits",
        title: "What 95 % of the jobs wait at most",
        about: "From the client's list to the start of the run. In markets of few nodes jobs wait \
                for a free one, in those of many for blocks. A line ends where waiting times grow \
                as long as jobs come. Load 0.95.",
        x_label: NODES,
        y_label: "seconds",
        is_logarithmic: true,
        y_range: (0.0, highest * HEADROOM),
        threshold: ("as long as a job runs", run),
        lines,
    }
}
