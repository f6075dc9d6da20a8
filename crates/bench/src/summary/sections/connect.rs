//! What connections between clients and nodes cost: `connect.json`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    connect::{ConnectReport, ConnectSize, Goal},
    format::format_thousands,
    report::transaction::median,
    summary::{
        baseline::Baseline,
        content::{Content, Headline},
        figure_row::FigureRow,
    },
};

/// Reads `connect.json`.
///
/// # Errors
/// If the file has another format.
pub fn read_connect(value: Value, _: &Baseline) -> Result<Content> {
    let report: ConnectReport =
        serde_json::from_value(value).context("not the format of this version")?;

    Ok(Content {
        headlines: report.goals.iter().map(summarize_goal).collect(),
        tables: report.list_tables(),
        timings: list_timings(&report),
        rows: describe_connections(&report).into_iter().collect(),
        details: describe_details(&report),
        ..Content::default()
    })
}

fn summarize_goal(goal: &Goal) -> Headline {
    let verdict = if goal.is_met { "" } else { ", not met" };
    Headline::new(&goal.name, format!("{} (goal: {}{verdict})", goal.measured, goal.goal))
}

/// The command of the rows.
const COMMAND: &str = "bench connect";

/// Returns the README's row; `None` where an idle endpoint cannot be measured, and of a run that
/// moved fewer bytes or watched the endpoint for less time: that is another measurement.
fn describe_connections(report: &ConnectReport) -> Option<FigureRow> {
    if report.size != ConnectSize::FULL {
        return None;
    }
    let idle = report.idle.as_ref()?;
    let what = "bytes through a port of a job, part of a bare stream's speed; added to a request; \
                an idle endpoint: part of a core, memory";

    let figure = format!(
        "{:.2}; {:.2} ms; {:.2} %, {:.0} MB",
        report.transfers.forwarded_share(),
        report.requests.added_open_ms(),
        idle.core_share() * 100.0,
        idle.added_mb()
    );
    Some(FigureRow::new(what, figure, COMMAND))
}

/// Returns what docs/network.md has beside that row; nothing of a run that moved fewer bytes.
fn describe_details(report: &ConnectReport) -> Vec<FigureRow> {
    if report.size != ConnectSize::FULL {
        return Vec::new();
    }
    let mega = |rates: &[u64]| format_thousands(median(rates.to_vec()) / 1_000_000);
    let [plain, bare, forwarded] = report.transfers.list_ways().map(|(_, rates)| mega(rates));

    let speeds = format!("{plain}, {bare} and {forwarded} MB a second");
    let share = format!("{:.2}", report.transfers.plain_share());
    let added = format!("{:.2} ms", report.requests.added_new_ms());
    vec![
        FigureRow::new("plain TCP, a bare stream, a port of a job", speeds, COMMAND),
        FigureRow::new("bytes through a port of a job, part of plain TCP's speed", share, COMMAND),
        FigureRow::new("added to a request with a new connection", added, COMMAND),
    ]
}

fn list_timings(report: &ConnectReport) -> BTreeMap<String, f64> {
    let ways = report.transfers.list_ways().into_iter();
    let mut timings: BTreeMap<String, f64> = ways
        .map(|(way, rates)| (format!("{way}, MB a second"), median(rates.to_vec()) as f64 / 1e6))
        .collect();

    let mut add = |name: &str, timing: f64| timings.insert(name.to_owned(), timing);
    add("forwarded port, part of a bare stream's speed", report.transfers.forwarded_share());
    add("forwarded port, part of plain TCP's speed", report.transfers.plain_share());
    add("added to a request on an open connection, ms", report.requests.added_open_ms());
    add("added to a request with a new connection, ms", report.requests.added_new_ms());
    if let Some(idle) = &report.idle {
        add("endpoint that nobody uses, percent of a core", idle.core_share() * 100.0);
        add("endpoint that nobody uses, MB", idle.added_mb());
    }
    timings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A report of this size.
    fn sample_report(size: ConnectSize) -> Value {
        json!({
            "size": size,
            "transfers": {
                "plain_tcp": [900_000_000], "bare_stream": [200_000_000],
                "forwarded_port": [150_000_000],
            },
            "requests": {
                "open_plain": [100_000], "open_forwarded": [350_000],
                "new_plain": [200_000], "new_forwarded": [1_200_000],
            },
            "idle": {
                "seconds": 20.0, "cpu_seconds": 0.1,
                "resident_before": 10_000_000, "resident_after": 15_000_000,
            },
            "goals": [
                {"name": "speed", "goal": "at least 0.8", "measured": "0.75", "is_met": false},
                {"name": "memory", "goal": "less", "measured": "5.0 MB", "is_met": true},
            ],
        })
    }

    fn read_sample(size: ConnectSize) -> Content {
        read_connect(sample_report(size), &Baseline::default()).unwrap()
    }

    #[test]
    fn figures_are_timings_and_goals_are_headlines() {
        let content = read_sample(ConnectSize::QUICK);
        assert_eq!(content.timings["forwarded port, MB a second"], 150.0);
        assert_eq!(content.timings["forwarded port, part of a bare stream's speed"], 0.75);
        assert_eq!(content.timings["forwarded port, part of plain TCP's speed"], 1.0 / 6.0);
        assert_eq!(content.timings["added to a request with a new connection, ms"], 1.0);
        assert_eq!(content.timings["endpoint that nobody uses, MB"], 5.0);
        assert_eq!(content.headlines[0].value, "0.75 (goal: at least 0.8, not met)");
        assert_eq!(content.headlines[1].value, "5.0 MB (goal: less)");
        assert!(!content.has_figures(), "timings never fail a comparison");
        assert_eq!(content.tables.len(), 4);
        assert!(read_connect(json!({"size": 1}), &Baseline::default()).is_err());
    }

    #[test]
    fn only_a_full_run_has_a_row_in_the_readme() {
        let list_figures = |rows: &[FigureRow]| -> Vec<String> {
            rows.iter().map(|row| row.figure.clone()).collect()
        };
        let full = read_sample(ConnectSize::FULL);
        assert_eq!(list_figures(&full.rows), ["0.75; 0.25 ms; 0.50 %, 5 MB"]);
        let details = ["900, 200 and 150 MB a second", "0.17", "1.00 ms"];
        assert_eq!(list_figures(&full.details), details);

        let quick = read_sample(ConnectSize::QUICK);
        assert!(quick.rows.is_empty() && quick.details.is_empty(), "{:?}", quick.rows);
        assert!(!quick.timings.is_empty(), "the page shows a quick run");
        let mut without_idle = sample_report(ConnectSize::FULL);
        without_idle["idle"] = Value::Null;
        assert!(read_connect(without_idle, &Baseline::default()).unwrap().rows.is_empty());
    }
}
