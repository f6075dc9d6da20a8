//! The page's tables of times.

use std::time::Duration;

use nosana_bench::{
    format::format_thousands,
    html::elements::{TableRow, render_table},
};

use crate::{
    job::Step,
    parallel::BankRun,
    row::{format_whole, table_row},
    timing::Timings,
};

/// What [`render_times`] shows.
pub const TIMES: &str = "On LiteSVM in one thread, with the signature of the sender and without \
                         its verification. Each figure is a median.";
/// What [`render_runs`] shows.
pub const RUNS: &str = "On a bank of the validator's runtime with all its features, in this \
                        process. The time of a transaction is that of its locks, its accounts, the \
                        programs and the commit. It was signed, and its signature verified, \
                        before; nothing is written to a ledger, and no limit of a block applies. \
                        Threads of the runtime, which are not counted, hash the changed accounts \
                        on the same cores. Jobs of different markets write no account together. \
                        Jobs of one market write its queue: a thread that finds it locked tries \
                        again.";

/// Renders the median times of the transactions on LiteSVM.
pub fn render_times(timings: &Timings) -> String {
    let row = |(step, time): &(Step, Duration)| {
        table_row(step.name(), [format!("{:.1}", time.as_secs_f64() * 1e6)])
    };
    let rows: Vec<TableRow> = timings.medians.iter().map(row).collect();

    let jobs = format_thousands(timings.jobs);
    render_table(&format!("{jobs} jobs"), &["transaction", "microseconds"], &[], &rows)
}

/// Renders the speed of a bank.
pub fn render_runs(runs: &[BankRun]) -> String {
    let row = |run: &BankRun| {
        let figures = [
            run.markets.to_string(),
            format_thousands(run.transactions),
            format_thousands(run.delayed),
            format_whole(run.jobs_per_second()),
            format_whole(run.transactions_per_second()),
        ];
        table_row(&run.threads.to_string(), figures)
    };
    let rows: Vec<TableRow> = runs.iter().map(row).collect();

    let heading = [
        "threads",
        "markets",
        "transactions",
        "of these waited for a lock",
        "jobs a second",
        "transactions a second",
    ];
    render_table("", &heading, &[], &rows)
}

#[test]
fn the_speed_of_a_bank_is_that_of_all_its_threads() {
    let run = BankRun {
        threads: 2,
        markets: 16,
        transactions: 12_000,
        delayed: 30,
        total: Duration::from_millis(500),
    };
    let table = render_runs(&[run]);
    let row = "<th scope=\"row\">2</th><td>16</td><td>12,000</td><td>30</td><td>4,000</td>\
               <td>24,000</td>";
    assert!(table.contains(row), "{table}");
}
