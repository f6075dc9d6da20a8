//! What a leader charges for a whole job, and how many blocks have room for: `throughput.json`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    format::{format_decimal, format_thousands},
    html::stacks::{Stack, Stacks, render_stacks},
    summary::{
        baseline::{Baseline, Figures},
        content::{Content, Headline},
        table::SummaryTable,
    },
};

#[derive(Deserialize)]
struct ThroughputFile {
    compiler: String,
    transactions: Vec<TransactionRow>,
    job_units: u64,
    ceilings: Vec<CeilingRow>,
    timings: TimingsRow,
}

#[derive(Deserialize)]
struct TransactionRow {
    instruction: String,
    parts: BTreeMap<String, u64>,
    total: u64,
    reserved: u64,
    reserved_with_limit: u64,
}

#[derive(Deserialize)]
struct CeilingRow {
    markets: u64,
    jobs_per_block: u64,
    jobs_per_second: f64,
    bound: String,
}

#[derive(Deserialize)]
struct TimingsRow {
    jobs: u64,
    jobs_per_second: f64,
    transactions_per_second: f64,
}

/// Reads `throughput.json`.
///
/// # Errors
/// If the file has another format, or nothing to draw.
pub fn read_throughput(value: Value, _: &Baseline) -> Result<Content> {
    let file: ThroughputFile =
        serde_json::from_value(value).context("not the format of this version")?;

    Ok(Content {
        headlines: list_headlines(&file),
        drawings: draw_transactions(&file.transactions)?,
        tables: vec![list_transactions(&file.transactions), list_ceilings(&file)],
        blocks: collect_blocks(&file),
        timings: [
            ("jobs_per_second".to_owned(), file.timings.jobs_per_second),
            ("transactions_per_second".to_owned(), file.timings.transactions_per_second),
        ]
        .into(),
        compiler: Some(file.compiler),
        ..Content::default()
    })
}

fn list_headlines(file: &ThroughputFile) -> Vec<Headline> {
    let whole = Headline::new("block units of a whole job", format_thousands(file.job_units));
    let ceilings = file.ceilings.iter().map(|ceiling| {
        let noun = if ceiling.markets == 1 { "market" } else { "markets" };
        let name = format!("jobs a second in the blocks of {} {noun}", ceiling.markets);
        Headline::new(name, format_decimal(ceiling.jobs_per_second))
    });
    let timed = format!("{:.0}", file.timings.jobs_per_second);
    let timed = Headline::new("jobs a second on LiteSVM, in one thread", timed);

    std::iter::once(whole).chain(ceilings).chain([timed]).collect()
}

fn draw_transactions(transactions: &[TransactionRow]) -> Result<String> {
    let names: Vec<&String> = transactions.iter().flat_map(|it| it.parts.keys()).collect();
    let mut parts: Vec<String> = names.into_iter().cloned().collect();
    parts.sort_unstable();
    parts.dedup();

    let bar = |transaction: &TransactionRow| Stack {
        name: transaction.instruction.clone(),
        parts: parts
            .iter()
            .map(|name| transaction.parts.get(name).copied().unwrap_or_default())
            .collect(),
    };
    let bars = transactions.iter().map(bar).collect();
    render_stacks(&Stacks {
        id: "block-units",
        title: "The cost of each transaction",
        unit: "compute units of a block",
        parts: parts.iter().map(|name| name.replace('_', " ")).collect(),
        bars,
    })
}

fn list_transactions(transactions: &[TransactionRow]) -> SummaryTable {
    let row = |transaction: &TransactionRow| {
        let TransactionRow { total, reserved, reserved_with_limit, .. } = transaction;
        let figures = [total, reserved, reserved_with_limit].map(|units| format_thousands(*units));
        std::iter::once(transaction.instruction.clone()).chain(figures).collect()
    };

    let heading = [
        "transaction",
        "block units",
        "reserved before it runs, without a limit of loaded bytes",
        "with the client's limit",
    ];
    SummaryTable::new("", &heading, transactions.iter().map(row).collect())
}

fn list_ceilings(file: &ThroughputFile) -> SummaryTable {
    let row = |ceiling: &CeilingRow| {
        vec![
            ceiling.markets.to_string(),
            format_thousands(ceiling.jobs_per_block),
            format_decimal(ceiling.jobs_per_second),
            ceiling.bound.clone(),
        ]
    };
    let timed = vec![
        format!("LiteSVM, {} jobs", format_thousands(file.timings.jobs)),
        "–".to_owned(),
        format!("{:.0}", file.timings.jobs_per_second),
        "one thread".to_owned(),
    ];

    let rows = file.ceilings.iter().map(row).chain([timed]).collect();
    let heading = ["markets", "jobs in a block", "jobs in a second", "full first"];
    SummaryTable::new("", &heading, rows).with_text(&[3])
}

fn collect_blocks(file: &ThroughputFile) -> Figures {
    let of_transaction = |transaction: &TransactionRow| {
        let figures = [
            ("total", transaction.total),
            ("reserved", transaction.reserved),
            ("reserved_with_limit", transaction.reserved_with_limit),
        ];
        let figures = figures.map(|(name, units)| (name.to_owned(), units));
        (transaction.instruction.clone(), figures.into())
    };
    let mut blocks: Figures = file.transactions.iter().map(of_transaction).collect();

    blocks.insert("a whole job".to_owned(), [("total".to_owned(), file.job_units)].into());
    blocks
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample() -> Value {
        json!({
            "compiler": "upstream",
            "transactions": [
                {"instruction": "list", "parts": {"signatures": 720, "execution": 5_000},
                 "total": 5_720, "reserved": 20_000, "reserved_with_limit": 5_800,
                 "bytes": 600},
                {"instruction": "work", "parts": {"signatures": 720, "execution": 3_000},
                 "total": 3_720, "reserved": 18_000, "reserved_with_limit": 3_800,
                 "bytes": 500},
            ],
            "job_units": 9_440,
            "ceilings": [
                {"markets": 1, "jobs_per_block": 852, "jobs_per_second": 2_130.0, "bound": "queue"},
            ],
            "timings": {
                "jobs": 40, "jobs_per_second": 1_215.4, "transactions_per_second": 7_292.4,
                "median_microseconds": {"list": 12.0},
            },
        })
    }

    #[test]
    fn units_are_figures_and_times_are_timings() {
        let content = read_throughput(sample(), &Baseline::default()).unwrap();
        assert_eq!(content.blocks["list"]["total"], 5_720);
        assert_eq!(content.blocks["list"]["reserved_with_limit"], 5_800);
        assert_eq!(content.blocks["a whole job"]["total"], 9_440);
        assert_eq!(content.timings["jobs_per_second"], 1_215.4);
        assert!(content.figures.is_empty());
        assert_eq!(content.headlines[1].value, "2,130");
        assert!(content.drawings.contains("3,720"), "{}", content.drawings);
    }

    #[test]
    fn files_of_other_versions_are_errors() {
        let mut old = sample();
        old["compiler"].take();
        assert!(read_throughput(old, &Baseline::default()).is_err());

        let mut empty = sample();
        empty["transactions"] = json!([]);
        assert!(read_throughput(empty, &Baseline::default()).is_err());
    }
}
