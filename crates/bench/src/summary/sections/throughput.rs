//! What a leader charges for a whole job, and how many blocks have room for: `throughput.json`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    throughput_bank::{collect_bank_timings, describe_bank, list_bank_runs},
    throughput_file::{CeilingRow, FeesRow, ThroughputFile, TimingsRow, TransactionRow},
};
use crate::{
    format::{format_decimal, format_thousands},
    html::stacks::{Stack, Stacks, render_stacks},
    summary::{
        baseline::{Baseline, Figures, JOB_LABEL},
        content::{Content, Headline},
        figure_row::FigureRow,
        table::SummaryTable,
    },
};

/// The fewest jobs of a row in the README: fewer are another measurement.
const MIN_README_JOBS: u64 = 1_000;

/// Reads `throughput.json`.
///
/// # Errors
/// If the file has another format, or nothing to draw.
pub fn read_throughput(value: Value, _: &Baseline) -> Result<Content> {
    let file: ThroughputFile =
        serde_json::from_value(value).context("not the format of this version")?;
    let mut timings = collect_timings(&file.timings);
    timings.extend(collect_bank_timings(&file.bank_runs));
    let rows = [describe_speed(&file.timings), describe_bank(&file.bank_runs)];

    Ok(Content {
        headlines: list_headlines(&file),
        drawings: draw_transactions(&file.transactions)?,
        tables: vec![
            list_transactions(&file.transactions),
            list_fees(&file.job_fees),
            list_ceilings(&file),
            list_bank_runs(&file.bank_runs),
        ],
        blocks: collect_blocks(&file),
        timings,
        rows: if file.timings.jobs >= MIN_README_JOBS { rows.into() } else { Vec::new() },
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

fn list_fees(fees: &[FeesRow]) -> SummaryTable {
    let row = |fees: &FeesRow| {
        let FeesRow { micro_lamports_per_unit, signature_lamports, priority_lamports, lamports } =
            fees;
        let figures = [micro_lamports_per_unit, signature_lamports, priority_lamports, lamports];
        figures.map(|figure| format_thousands(*figure)).to_vec()
    };

    let heading = [
        "priority fee of a compute unit, in micro-lamports",
        "lamports of a whole job for signatures",
        "for priority",
        "together",
    ];
    SummaryTable::new("", &heading, fees.iter().map(row).collect())
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

/// Returns the timings; their names have the number of jobs, because few jobs are another
/// measurement than many.
fn collect_timings(timings: &TimingsRow) -> BTreeMap<String, f64> {
    let name = |what: &str| format!("{} jobs, {what} in a second", timings.jobs);
    [
        (name("jobs"), timings.jobs_per_second),
        (name("transactions"), timings.transactions_per_second),
    ]
    .into()
}

/// Returns the README's row for LiteSVM.
fn describe_speed(timings: &TimingsRow) -> FigureRow {
    let [jobs, transactions] = [timings.jobs_per_second, timings.transactions_per_second]
        .map(|speed| format_thousands(speed.round() as u64));

    let what = "whole jobs a second of the runtime in one thread, transactions a second";
    FigureRow::new(what, format!("{jobs} and {transactions}"), "bench throughput")
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

    blocks.insert(JOB_LABEL.to_owned(), [("total".to_owned(), file.job_units)].into());
    blocks
}
