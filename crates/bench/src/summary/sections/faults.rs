//! A node that is killed at random: `faults.json`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    faults::recovery::RecoveryTimes,
    format::format_seconds,
    html::series::{Series, SeriesBar, SeriesGroup, render_series},
    summary::{
        baseline::Baseline,
        content::{Content, Headline},
        table::SummaryTable,
    },
};

/// The most bars of the drawing.
const MAX_BARS: u64 = 12;

/// The only figure of the node in base units.
const PENALTY: &str = "penalty";

#[derive(Deserialize)]
struct FaultsFile {
    setting: TrialSetting,
    counts: BTreeMap<String, u64>,
    node: BTreeMap<String, u64>,
    recovery: RecoveryTimes,
}

#[derive(Deserialize)]
struct TrialSetting {
    seconds: f64,
    seed: u64,
    mean_life_seconds: f64,
}

/// Reads `faults.json`.
///
/// # Errors
/// If the file has another format.
pub fn read_faults(value: Value, _: &Baseline) -> Result<Content> {
    let file: FaultsFile =
        serde_json::from_value(value).context("not the format of this version")?;
    let median_ms = file.recovery.percentile(50);

    // A shorter trial is another measurement.
    let TrialSetting { seconds, mean_life_seconds, .. } = file.setting;
    let name = format!(
        "restart to work, median ms, {seconds:.0} s of kills every {mean_life_seconds:.0} s"
    );
    let timings = median_ms.map(|ms| (name, ms as f64));
    Ok(Content {
        headlines: list_headlines(&file),
        drawings: draw_recovery(&file.recovery),
        tables: vec![list_counts(&file)],
        timings: timings.into_iter().collect(),
        ..Content::default()
    })
}

fn list_headlines(file: &FaultsFile) -> Vec<Headline> {
    let count = |counts: &BTreeMap<String, u64>, name: &str| {
        counts.get(name).map_or_else(|| "–".to_owned(), u64::to_string)
    };
    vec![
        Headline::new("kills", count(&file.node, "kills")),
        Headline::new("jobs lost", count(&file.counts, "lost")),
        Headline::new("jobs paid twice", count(&file.counts, "paid_twice")),
        Headline::new("restart to work, median", format_time(file.recovery.percentile(50))),
    ]
}

/// Draws how many restarts took how long.
fn draw_recovery(recovery: &RecoveryTimes) -> String {
    let Some(longest) = recovery.times_ms.last() else { return String::new() };
    let width_ms = (longest / 1_000 / MAX_BARS + 1) * 1_000;

    let group = |index: u64| {
        let range = index * width_ms..(index + 1) * width_ms;
        let count = recovery.times_ms.iter().filter(|ms| range.contains(*ms)).count();
        SeriesGroup {
            name: format!("{} to {} s", range.start / 1_000, range.end / 1_000),
            bars: vec![Some(SeriesBar { length: count as f64, figure: count.to_string() })],
        }
    };
    let groups: Vec<SeriesGroup> = (0..=longest / width_ms).map(group).collect();
    let series = [Series { class: "ours", name: "restarts of the node".to_owned() }];
    render_series("Time from a restart to the next work", &series, &groups)
}

fn list_counts(file: &FaultsFile) -> SummaryTable {
    let counts = file.counts.iter().map(|(name, count)| (format!("jobs {name}"), *count));
    let node = file.node.iter().map(|(name, count)| (describe_figure(name), *count));
    let mut rows: Vec<Vec<String>> = counts
        .chain(node)
        .map(|(name, count)| vec![name.replace('_', " "), count.to_string()])
        .collect();

    for percent in [50, 95, 100] {
        let time = format_time(file.recovery.percentile(percent));
        rows.push(vec![format!("restart to work, {percent} % within"), time]);
    }
    let setting = &file.setting;
    let caption = format!(
        "Killed for {:.0} s, after {:.0} s on average, with the seed {}",
        setting.seconds, setting.mean_life_seconds, setting.seed
    );
    SummaryTable::new(&caption, &["what", "figure"], rows)
}

/// Names a figure of the node, with its unit unless it is a count.
fn describe_figure(name: &str) -> String {
    let unit = if name == PENALTY { ", base units" } else { "" };
    format!("node: {name}{unit}")
}

fn format_time(ms: Option<u64>) -> String {
    ms.map_or_else(|| "–".to_owned(), |ms| format!("{} s", format_seconds(ms)))
}
