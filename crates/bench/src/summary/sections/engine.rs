//! The speed of inference: `engine.json`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use nosana_engine::{Benchmark, Speed};
use serde_json::Value;

use crate::{
    engine::{EngineReport, GOAL_HEADING, Goal, STAGE_HEADING, SweepTable, Throughput},
    summary::{
        baseline::Baseline,
        content::{Content, Headline},
        figure_row::FigureRow,
        table::SummaryTable,
    },
};

/// The command of the README's rows.
const COMMAND: &str = "bench engine";
/// The jobs at a time that the README states.
const README_IN_FLIGHT: [usize; 2] = [1, 16];

/// Reads `engine.json`.
///
/// # Errors
/// If the file has another format.
pub fn read_engine(value: Value, _: &Baseline) -> Result<Content> {
    let report: EngineReport =
        serde_json::from_value(value).context("not the format of this version")?;
    let speeds = list_speeds(&report);
    let overheads = list_overheads(&report);
    let sweeps = report.list_sweeps();

    let row = |(name, speed): &(String, f64)| vec![name.clone(), format!("{speed:.1}")];
    let table = SummaryTable::new(
        &format!("On {}", report.device),
        &["what", "figure"],
        speeds.iter().map(row).collect(),
    );
    let batches = |sweep: &SweepTable| {
        let heading = sweep.heading();
        let heading: Vec<&str> = heading.iter().map(String::as_str).collect();
        SummaryTable::new(&sweep.caption(), &heading, sweep.list_cells())
    };
    let goals = report.list_goals().iter().map(Goal::list_cells).collect();

    let mut tables = vec![table];
    tables.extend(sweeps.iter().map(batches));
    tables.push(SummaryTable::new(&report.caption_stages(), &STAGE_HEADING, report.list_stages()));
    tables.push(SummaryTable::new("Goals", &GOAL_HEADING, goals).with_text(&[3]));

    let mut drawings = [report.draw_peer(), report.draw_market(), report.draw_sentences()].concat();
    drawings.extend(sweeps.iter().map(SweepTable::draw));

    let speed = |(name, speed): &(String, f64)| Headline::new(name.clone(), format!("{speed:.1}"));
    let ratio = |(name, ratio): &(String, f64)| Headline::new(name.clone(), format!("{ratio:.2}"));
    let headlines = speeds.iter().map(speed).chain(overheads.iter().map(ratio)).collect();

    let batches = sweeps.iter().flat_map(SweepTable::list_speeds);
    let timings: BTreeMap<String, f64> =
        speeds.into_iter().chain(batches).chain(overheads).collect();
    let rows = list_rows(&report);
    Ok(Content { headlines, drawings, tables, timings, rows, ..Content::default() })
}

/// Returns tokens and sentences in a second by what was measured.
fn list_speeds(report: &EngineReport) -> Vec<(String, f64)> {
    let Benchmark { prompt, generation, .. } = &report.benchmark;
    let read = |doing: &str, it: &Speed| {
        (format!("{doing} {}, tokens a second", it.tokens), it.tokens_per_second)
    };
    let mut speeds = vec![read("reading", prompt), read("generating", generation)];
    speeds.extend(
        report.embedding.map(|it| {
            (format!("embedding {}, sentences a second", it.items), it.items_per_second())
        }),
    );

    let speed = |doing: &str, unit: &str, it: &Throughput| {
        let name = format!("{doing}, {} in flight, {unit} a second", it.in_flight);
        (name, it.items_per_second())
    };
    let market = report.market.iter().map(|run| &run.throughput);
    speeds.extend(market.map(|it| speed("as jobs", "tokens", it)));
    speeds.extend(report.direct.iter().map(|it| speed("called directly", "tokens", it)));
    for both in &report.sentences {
        speeds.push(speed("as jobs", "sentences", &both.market.throughput));
        speeds.push(speed("called directly", "sentences", &both.direct));
    }

    // A measurement that took no time has no speed.
    speeds.retain(|(_, speed)| speed.is_finite());
    speeds
}

/// Returns what the market costs: its throughput as a part of the engine's, and its delay.
fn list_overheads(report: &EngineReport) -> Vec<(String, f64)> {
    let ratios = report.list_ratios().into_iter();
    let mut overheads: Vec<_> = ratios
        .map(|(name, ratio)| (format!("{name}, part of the engine's speed"), ratio))
        .collect();

    overheads.extend(
        report.added_slots().map(|slots| ("added to a job alone, slots".to_owned(), slots)),
    );
    overheads.retain(|(_, figure)| figure.is_finite());
    overheads
}

/// Returns the rows of the README: of this engine, and of jobs, if one and sixteen ran at a time.
fn list_rows(report: &EngineReport) -> Vec<FigureRow> {
    std::iter::once(describe_engine(report)).chain(describe_jobs(report)).collect()
}

fn describe_engine(report: &EngineReport) -> FigureRow {
    let Benchmark { prompt, generation, .. } = &report.benchmark;
    let what = format!(
        "SmolLM2-135M Q4_1 by the engine: reading {} tokens, generating {}",
        prompt.tokens, generation.tokens
    );

    let speeds = join_speeds([prompt.tokens_per_second, generation.tokens_per_second]);
    let row = FigureRow::new(what, format!("{speeds} tokens a second"), COMMAND);
    match &report.peer {
        None => row,
        Some(peer) => {
            let speeds =
                join_speeds([peer.prompt_tokens_per_second, peer.generated_tokens_per_second]);
            row.with_predecessor(format!("{speeds} by node-llama-cpp {}", peer.version))
        }
    }
}

fn describe_jobs(report: &EngineReport) -> Option<FigureRow> {
    let runs = report.market.iter().map(|run| run.throughput);
    let market = find_runs(runs)?;
    let direct = find_runs(report.direct.iter().copied())?;

    let [alone, _] = market;
    let tokens = alone.items.checked_div(alone.requests)?;
    let in_flight = README_IN_FLIGHT.map(|count| count.to_string()).join(" and ");
    let what = format!("answers of {tokens} tokens on average as jobs, {in_flight} in flight");
    let [market, direct] =
        [market, direct].map(|runs| join_speeds(runs.map(|run| run.items_per_second())));
    let figure = format!("{market} tokens a second; {direct} without a market");
    Some(FigureRow::new(what, figure, COMMAND))
}

/// Returns the runs of the README.
fn find_runs(runs: impl Iterator<Item = Throughput> + Clone) -> Option<[Throughput; 2]> {
    let find = |in_flight: usize| runs.clone().find(|run| run.in_flight == in_flight);
    let [alone, many] = README_IN_FLIGHT.map(find);
    Some([alone?, many?])
}

fn join_speeds(speeds: [f64; 2]) -> String {
    speeds.map(|speed| format!("{speed:.0}")).join(" and ")
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
                "in_flight": in_flight, "requests": 16, "items": 1_024, "seconds": seconds,
            })
        };
        let job = |in_flight: u64, seconds: f64| {
            let mut job = throughput(in_flight, seconds);
            job["stages"] = json!({
                "listing_ms": 100, "starting_ms": 200, "answering_ms": 300, "settling_ms": 400,
            });
            job["traffic"] = json!({"transactions": 4.0, "bytes": 2_100.0});
            job
        };
        let value = json!({
            "device": {"name": "a processor", "backend": "cpu", "kind": "cpu"},
            "benchmark": {
                "prompt": speed(512, 162.0), "generation": speed(128, 67.0),
                "bandwidth": {"token_bytes": 2, "bytes_per_second": 134.0},
                "memory": {"mib": 1_024},
            },
            "embedding": throughput(1, 4.0),
            "direct": [throughput(1, 10.0), throughput(4, 0.0)],
            "market": [job(1, 20.0)], "slot_ms": 400, "peer": null,
            "sentences": [{"direct": throughput(4, 8.0), "market": job(1, 20.0)}],
            "sweeps": [{
                "device": {"name": "a card", "backend": "cuda", "kind": "discrete"},
                "answers": [throughput(1, 2.0), throughput(16, 1.0)],
                "sentences": [throughput(8, 0.5)],
            }],
        });
        let content = read_engine(value.clone(), &Baseline::default()).unwrap();

        assert_eq!(content.timings["reading 512, tokens a second"], 162.0);
        assert_eq!(content.timings["embedding 1024, sentences a second"], 256.0);
        assert_eq!(content.timings["as jobs, 1 in flight, tokens a second"], 51.2);
        assert_eq!(content.timings["as jobs, 1 in flight, part of the engine's speed"], 0.5);
        // Ten seconds more for sixteen jobs.
        assert_eq!(content.timings["added to a job alone, slots"], 1.5625);
        assert!(!content.timings.keys().any(|name| name.contains(", 4 in flight, tokens")));
        assert!(content.figures.is_empty() && content.blocks.is_empty());
        // Jobs, sentences as jobs, and batches of both: there is no other binding to compare with,
        // but its drawing has the engine's figures.
        assert_eq!(content.drawings.matches("<svg").count(), 5);

        assert_eq!(content.timings["called directly, 4 in flight, sentences a second"], 128.0);
        let ratio = "sentences as jobs, 1 in flight, part of the engine's speed";
        assert_eq!(content.timings[ratio], 0.4);
        let batch = "batch of 8 on 0: a card (cuda), sentences a second";
        assert_eq!(content.timings[batch], 2_048.0);
        // Batches are not among the most important figures.
        assert!(!content.headlines.iter().any(|headline| headline.name.contains("batch")));

        let captions: Vec<_> = content.tables.iter().map(|table| table.caption.as_str()).collect();
        let expected = [
            "On a processor (cpu)",
            "By batch, on each device: tokens a second",
            "By batch, on each device: sentences a second",
            "Jobs by stage, with slots of 400 ms",
            "Goals",
        ];
        assert_eq!(captions, expected);
        let added = format!("{:.3}", 1.5625);
        let goal = ["added to a job alone, slots", added.as_str(), "≤ 2.5", "met"];
        assert_eq!(content.tables[4].rows, [goal]);
        assert!(read_engine(json!({"device": "x"}), &Baseline::default()).is_err());

        // The README's row of jobs needs both numbers in flight.
        let [engine] = &content.rows[..] else { panic!("{:?}", content.rows) };
        assert_eq!((&*engine.figure, &*engine.predecessor), ("162 and 67 tokens a second", "–"));
        let mut whole = value;
        whole["direct"] = json!([throughput(1, 10.0), throughput(16, 4.0)]);
        whole["market"] = json!([job(1, 20.0), job(16, 8.0)]);
        let content = read_engine(whole, &Baseline::default()).unwrap();
        let jobs = &content.rows[1];
        assert_eq!(jobs.what, "answers of 64 tokens on average as jobs, 1 and 16 in flight");
        assert_eq!(jobs.figure, "51 and 128 tokens a second; 102 and 256 without a market");
    }
}
