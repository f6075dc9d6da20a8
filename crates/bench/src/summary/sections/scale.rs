//! How many nodes and jobs markets have room for, by simulation: `scale.json`.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    format::format_thousands,
    html::series::{Series, SeriesBar, SeriesGroup, render_series},
    summary::{
        baseline::Baseline,
        content::{Content, Headline},
        table::SummaryTable,
    },
};

/// The classes of the numbers of markets.
const CLASSES: [&str; 5] = ["series-a", "series-b", "series-c", "series-d", "series-e"];

#[derive(Deserialize)]
struct ScaleFile {
    points: Vec<PointRow>,
}

/// One combination of nodes, markets and load.
#[derive(Deserialize)]
struct PointRow {
    nodes: u64,
    markets: u64,
    load: LoadRow,
    offered_per_second: f64,
    ceiling_per_second: f64,
    outcome: OutcomeRow,
}

#[derive(Deserialize)]
struct LoadRow {
    name: String,
    single: f64,
    batched: f64,
}

#[derive(Deserialize)]
struct OutcomeRow {
    jobs_per_second: f64,
    utilization: f64,
    waits: WaitsRow,
}

#[derive(Deserialize)]
struct WaitsRow {
    median: f64,
    p95: f64,
}

impl PointRow {
    /// Returns results as a part of what clients list, in percent.
    fn served_percent(&self) -> f64 {
        if self.offered_per_second > 0.0 {
            self.outcome.jobs_per_second / self.offered_per_second * 100.0
        } else {
            0.0
        }
    }
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
        Headline::new(format!("most results, simulated, in {} markets", point.markets), jobs)
    };
    Ok(Content {
        headlines: best.map(headline).into_iter().collect(),
        drawings: draw_results(&file.points),
        tables: vec![list_points(&file.points)],
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
    let markets: Vec<u64> = markets.into_iter().take(CLASSES.len()).collect();

    let series: Vec<Series> = CLASSES
        .into_iter()
        .zip(&markets)
        .map(|(class, markets)| Series { class, name: format!("in {markets} markets") })
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

    let label = format!("Results as a part of what clients list, load {}", highest.name);
    render_series(&label, &series, &groups)
}

fn list_points(points: &[PointRow]) -> SummaryTable {
    let row = |point: &PointRow| {
        let outcome = &point.outcome;
        let figures = [
            format!("{:.1}", point.offered_per_second),
            format!("{:.1}", outcome.jobs_per_second),
            format!("{:.1} %", point.served_percent()),
            format!("{:.0}", point.ceiling_per_second),
            format!("{:.0} %", outcome.utilization * 100.0),
            format!("{:.1}", outcome.waits.median),
            format!("{:.1}", outcome.waits.p95),
        ];
        let names = [format_thousands(point.nodes), point.markets.to_string()];
        names.into_iter().chain([point.load.name.clone()]).chain(figures).collect()
    };

    let heading = [
        "nodes",
        "markets",
        "load",
        "jobs a second",
        "results a second",
        "of the jobs",
        "room in blocks",
        "slots in use",
        "median wait, s",
        "95 % wait, s",
    ];
    SummaryTable::new("", &heading, points.iter().map(row).collect()).with_text(&[2])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn point(nodes: u64, markets: u64, load: f64, results: f64) -> Value {
        json!({
            "nodes": nodes, "markets": markets,
            "load": {"name": load.to_string(), "single": load, "batched": 0.0},
            "offered_per_second": 100.0, "ceiling_per_second": 2_130.0,
            "outcome": {
                "jobs_per_second": results, "utilization": 0.5,
                "waits": {"mean": 1.0, "median": 0.8, "p95": 2.0, "p99": 3.0},
            },
        })
    }

    #[test]
    fn the_highest_load_is_drawn_and_all_are_listed() {
        let points = [
            point(10, 1, 0.5, 100.0),
            point(10, 1, 0.95, 100.0),
            point(1_000, 1, 0.95, 40.0),
            point(1_000, 16, 0.95, 99.0),
        ];
        let file = json!({"version": "nosana-scale/1", "points": points});
        let content = read_scale(file, &Baseline::default()).unwrap();

        // Ten nodes were not simulated in sixteen markets.
        assert_eq!(content.drawings.matches("<rect").count(), 3, "{}", content.drawings);
        for part in ["1,000 nodes", "in 16 markets", "40 %", "load 0.95"] {
            assert!(content.drawings.contains(part), "{part}: {}", content.drawings);
        }
        assert_eq!(content.tables[0].rows.len(), 4);
        assert_eq!(content.tables[0].rows[2][3..6], ["100.0", "40.0", "40.0 %"]);
        assert!(content.figures.is_empty() && content.timings.is_empty());
    }

    #[test]
    fn a_file_without_points_is_empty_and_other_formats_fail() {
        let content = read_scale(json!({"points": []}), &Baseline::default()).unwrap();
        assert!(content.drawings.is_empty() && content.headlines.is_empty());
        assert!(read_scale(json!({"points": [{"nodes": 1}]}), &Baseline::default()).is_err());
    }
}
