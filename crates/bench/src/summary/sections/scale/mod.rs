//! How many nodes and jobs markets have room for, by simulation: `scale.json`.

mod readme;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::Value;

use self::{
    readme::describe_largest,
    rows::{LoadRow, PointRow, ScaleFile},
};
use crate::{
    format::format_thousands,
    html::{
        elements::escape_html,
        series::{Series, SeriesBar, SeriesGroup, render_series},
    },
    scale::tabulate_run,
    summary::{
        baseline::Baseline,
        content::{Content, Headline},
        table::SummaryTable,
    },
};

/// What the drawing shows, and what it does not.
const ABOUT: &str = "About 100 %, by chance some percent more or less, if all jobs are run. Jobs \
                     pile up where waiting times grow: the table has what blocks have room for.";

/// The classes of the numbers of markets.
const CLASSES: [&str; 5] = ["series-a", "series-b", "series-c", "series-d", "series-e"];

/// Names a number of markets.
fn name_markets(markets: u64) -> String {
    let noun = if markets == 1 { "market" } else { "markets" };
    format!("{markets} {noun}")
}

/// Reads `scale.json`.
///
/// # Errors
/// If the file has another format.
pub fn read_scale(value: Value, _: &Baseline) -> Result<Content> {
    let file: ScaleFile =
        serde_json::from_value(value).context("not the format of this version")?;
    let most = |point: &&PointRow| point.outcome.jobs_per_second;
    let best = file.points.iter().max_by(|a, b| most(a).total_cmp(&most(b)));

    let headline = |point: &PointRow| {
        let jobs = format!("{:.0} a second", point.outcome.jobs_per_second);
        let name = format!("most results, simulated, in {}", name_markets(point.markets));
        Headline::new(name, jobs)
    };
    let comparison = file.comparison.as_ref().map(|run| {
        let table = tabulate_run(run);
        SummaryTable::new(table.title, &table.heading, table.rows)
    });

    Ok(Content {
        headlines: best.map(headline).into_iter().collect(),
        drawings: draw_results(&file.points),
        tables: std::iter::once(list_points(&file.points)).chain(comparison).collect(),
        rows: describe_largest(&file).into_iter().collect(),
        ..Content::default()
    })
}

/// Draws results as a part of what clients list, under the highest load.
fn draw_results(points: &[PointRow]) -> String {
    let total = |load: &LoadRow| load.single + load.batched;
    let loads = points.iter().map(|point| &point.load);
    let Some(highest) = loads.max_by(|a, b| total(a).total_cmp(&total(b))) else {
        return String::new();
    };

    let drawn: Vec<&PointRow> = points.iter().filter(|it| it.load.name == highest.name).collect();
    let nodes: BTreeSet<u64> = drawn.iter().map(|point| point.nodes).collect();
    let markets: BTreeSet<u64> = drawn.iter().map(|point| point.markets).collect();
    let omitted = list_omitted(&drawn, &nodes, &markets);
    let markets: Vec<u64> = markets.into_iter().take(CLASSES.len()).collect();

    let series: Vec<Series> = CLASSES
        .into_iter()
        .zip(&markets)
        .map(|(class, markets)| Series { class, name: format!("in {}", name_markets(*markets)) })
        .collect();
    let bar = |nodes: u64, markets: u64| {
        let point = drawn.iter().find(|it| it.nodes == nodes && it.markets == markets)?;
        let length = point.served_percent();
        Some(SeriesBar { length, figure: format!("{length:.0} %") })
    };
    let group = |nodes: u64| SeriesGroup {
        name: format!("{} nodes", format_thousands(nodes)),
        bars: markets.iter().map(|markets| bar(nodes, *markets)).collect(),
    };
    let groups: Vec<SeriesGroup> = nodes.into_iter().map(group).collect();

    let label = format!("Results as a part of what clients listed, load {}", highest.name);
    let mut about = format!("{label}. {ABOUT}");
    if !omitted.is_empty() {
        about += &format!(" Not drawn: {}.", omitted.join(", "));
    }
    format!("<p>{}</p>\n{}", escape_html(&about), render_series(&label, &series, &groups))
}

/// Names what has no bar: numbers of markets beyond the classes, and markets without a node.
fn list_omitted(
    drawn: &[&PointRow],
    nodes: &BTreeSet<u64>,
    markets: &BTreeSet<u64>,
) -> Vec<String> {
    let beyond = markets.iter().skip(CLASSES.len()).map(|markets| name_markets(*markets));
    let pairs = nodes.iter().flat_map(|nodes| {
        markets.iter().take(CLASSES.len()).map(move |markets| (*nodes, *markets))
    });
    let is_absent =
        |pair: &(u64, u64)| !drawn.iter().any(|point| (point.nodes, point.markets) == *pair);
    let absent = pairs.filter(is_absent).map(|(nodes, markets)| {
        format!("{} nodes in {}", format_thousands(nodes), name_markets(markets))
    });

    beyond.chain(absent).collect()
}

fn list_points(points: &[PointRow]) -> SummaryTable {
    let row = |point: &PointRow| {
        let outcome = &point.outcome;
        let figures = [
            format!("{:.1}", outcome.listed as f64 / outcome.seconds.max(f64::MIN_POSITIVE)),
            format!("{:.1}", outcome.jobs_per_second),
            point.format_served(),
            format_thousands(outcome.unstarted),
            format!("{:.0}", point.ceiling_per_second),
            format!("{:.0} %", outcome.utilization * 100.0),
            point.format_wait(|waits| waits.median),
            point.format_wait(|waits| waits.p95),
        ];
        let names = [format_thousands(point.nodes), point.markets.to_string()];
        names.into_iter().chain([point.load.name.clone()]).chain(figures).collect()
    };

    let heading = [
        "nodes",
        "markets",
        "load",
        "listed/s",
        "results/s",
        "of the jobs (range)",
        "not started",
        "room in blocks, jobs/s",
        "slots busy",
        "wait 50 %, s",
        "wait 95 %, s",
    ];
    SummaryTable::new("Markets of all sizes", &heading, points.iter().map(row).collect())
        .with_text(&[2])
}
