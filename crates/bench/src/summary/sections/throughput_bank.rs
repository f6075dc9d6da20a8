//! The speed of a bank, in `throughput.json`.

use std::collections::BTreeMap;

use super::throughput_file::BankRunRow;
use crate::{
    format::format_thousands,
    summary::{figure_row::FigureRow, table::SummaryTable},
};

/// Lists the runs.
pub fn list_bank_runs(runs: &[BankRunRow]) -> SummaryTable {
    let row = |run: &BankRunRow| {
        let BankRunRow { threads, markets, transactions, delayed, .. } = run;
        let counts = [threads, markets, transactions, delayed];
        let counts = counts.map(|count| format_thousands(*count));
        counts.into_iter().chain([format_speed(run)]).collect()
    };

    let heading = [
        "threads of a bank",
        "markets",
        "transactions",
        "of these waited for a lock",
        "transactions in a second, without the verification of signatures",
    ];
    SummaryTable::new("", &heading, runs.iter().map(row).collect())
}

/// Returns the timings; their names have the number of transactions, because few are another
/// measurement than many.
pub fn collect_bank_timings(runs: &[BankRunRow]) -> BTreeMap<String, f64> {
    let timing = |run: &BankRunRow| {
        let BankRunRow { threads, markets, transactions, transactions_per_second, .. } = run;
        let name = format!(
            "{transactions} transactions on a bank, {threads} threads, {markets} markets, in a \
             second"
        );
        (name, *transactions_per_second)
    };
    runs.iter().map(timing).collect()
}

/// Returns the README's row.
pub fn describe_bank(runs: &[BankRunRow]) -> FigureRow {
    let what: Vec<String> = runs
        .iter()
        .map(|run| {
            let threads = if run.threads == 1 { "thread" } else { "threads" };
            let markets = if run.markets == 1 { "market" } else { "markets" };
            format!("{} {threads} and {} {markets}", run.threads, run.markets)
        })
        .collect();
    let figures: Vec<String> = runs.iter().map(format_speed).collect();

    let what = format!("transactions a second of a bank: {}", what.join("; "));
    FigureRow::new(what, figures.join("; "), "bench throughput")
}

fn format_speed(run: &BankRunRow) -> String {
    format_thousands(run.transactions_per_second.round() as u64)
}
