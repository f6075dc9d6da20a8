//! The speed of inference: `engine.json`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use nosana_engine::Benchmark;
use serde_json::Value;

use crate::{
    engine::{EngineReport, STAGE_HEADING, Throughput},
    summary::{
        baseline::Baseline,
        content::{Content, Headline},
        table::SummaryTable,
    },
};

/// Reads `engine.json`.
///
/// # Errors
/// If the file has another format.
pub fn read_engine(value: Value, _: &Baseline) -> Result<Content> {
    let report: EngineReport =
        serde_json::from_value(value).context("not the format of this version")?;
    let speeds = list_speeds(&report);

    let headline = |(name, speed): &(String, f64)| {
        Headline::new(format!("{name}, tokens a second"), format!("{speed:.1}"))
    };
    let row = |(name, speed): &(String, f64)| vec![name.clone(), format!("{speed:.1}")];
    let table = SummaryTable::new(
        &format!("On {}", report.device),
        &["what", "tokens a second"],
        speeds.iter().map(row).collect(),
    );
    let mut timings: BTreeMap<String, f64> =
        speeds.iter().map(|(name, speed)| (format!("{name}, tokens a second"), *speed)).collect();

    let overheads = list_overheads(&report);
    let ratio = |(name, ratio): &(String, f64)| Headline::new(name.clone(), format!("{ratio:.2}"));
    let headlines = speeds.iter().map(headline).chain(overheads.iter().map(ratio)).collect();
    timings.extend(overheads);
    let stages = SummaryTable::new("Jobs by stage", &STAGE_HEADING, report.list_stages());

    Ok(Content {
        headlines,
        drawings: report.draw_peer() + &report.draw_market(),
        tables: vec![table, stages],
        timings,
        ..Content::default()
    })
}

/// Returns tokens in a second by what was measured.
fn list_speeds(report: &EngineReport) -> Vec<(String, f64)> {
    let Benchmark { prompt, generation, .. } = &report.benchmark;
    let mut speeds = vec![
        (format!("reading {}", prompt.tokens), prompt.tokens_per_second),
        (format!("generating {}", generation.tokens), generation.tokens_per_second),
    ];

    let speed = |name: &str, it: &Throughput| {
        (format!("{name}, {} in flight", it.in_flight), it.tokens_per_second())
    };
    speeds.extend(report.market.iter().map(|run| speed("as jobs", &run.throughput)));
    speeds.extend(report.direct.iter().map(|it| speed("called directly", it)));

    // A measurement that took no time has no speed.
    speeds.retain(|(_, speed)| speed.is_finite());
    speeds
}

/// Returns what the market costs: its throughput as a part of the engine's, and its delay.
fn list_overheads(report: &EngineReport) -> Vec<(String, f64)> {
    let ratios = report.list_ratios().into_iter();
    let mut overheads: Vec<_> = ratios
        .map(|(name, ratio)| (format!("as jobs, {name}, part of the engine's speed"), ratio))
        .collect();

    overheads.extend(
        report.added_slots().map(|slots| ("added to a job alone, slots".to_owned(), slots)),
    );
    overheads.retain(|(_, figure)| figure.is_finite());
    overheads
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn speeds_are_timings() {
        let speed = |tokens: u64, speed: f64| {
            let seconds = 1.0;
            json!({"tokens": tokens, "median_seconds": seconds, "tokens_per_second": speed})
        };
        let throughput = |in_flight: u64, seconds: f64| {
            json!({
                "in_flight": in_flight, "requests": 16, "tokens": 1_024, "seconds": seconds,
            })
        };
        let mut job = throughput(1, 20.0);
        job["stages"] = json!({"listing_ms": 100, "starting_ms": 200, "answering_ms": 300});
        let value = json!({
            "device": {"name": "a processor", "backend": "cpu", "kind": "cpu"},
            "benchmark": {
                "prompt": speed(512, 162.0), "generation": speed(128, 67.0),
                "memory": {"mib": 1_024},
            },
            "direct": [throughput(1, 10.0), throughput(4, 0.0)],
            "market": [job], "slot_ms": 400, "peer": null,
        });
        let content = read_engine(value, &Baseline::default()).unwrap();

        assert_eq!(content.timings["reading 512, tokens a second"], 162.0);
        assert_eq!(content.timings["as jobs, 1 in flight, tokens a second"], 51.2);
        assert_eq!(content.timings["as jobs, 1 in flight, part of the engine's speed"], 0.5);
        // Ten seconds more for sixteen jobs.
        assert_eq!(content.timings["added to a job alone, slots"], 1.5625);
        assert!(!content.timings.keys().any(|name| name.contains(", 4 in flight")));
        assert!(content.figures.is_empty() && content.blocks.is_empty());
        assert_eq!(content.drawings.matches("<svg").count(), 2);
        assert!(read_engine(json!({"device": "x"}), &Baseline::default()).is_err());
    }
}
