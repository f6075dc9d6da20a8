//! The figures of the README are those that were measured.

use nosana_bench::{compute::PREDECESSOR, format::format_thousands};
use nosana_tests::reports::check_readme_rows;

use crate::baseline::{Figures, SIZED_PROGRAMS, size_label};

/// The rows of the README's table, and what they measure. The node of these jobs has worked before.
const ROWS: [(&str, &str); 8] = [
    ("list", "jobs.list"),
    ("work, which takes a job", "jobs.work, a job waits"),
    ("start", "jobs.start"),
    ("finish, with settlement and two payments", "jobs.finish"),
    ("heartbeat", "jobs.heartbeat"),
    ("settle after a challenge window", "jobs.settle"),
    ("cancel, with refund", "jobs.cancel"),
    ("clean", "jobs.clean"),
];
/// The rows whose sum is a whole job.
const OF_A_JOB: usize = 4;

/// Fails where the README has other figures.
pub fn check_readme(figures: &Figures) {
    let units = ROWS.map(|(_, label)| figures[label]["units"]);

    let mut rows: Vec<(String, String)> = ROWS
        .into_iter()
        .zip(units)
        .map(|((row, _), units)| (row.to_owned(), format!("{} CU", format_thousands(units))))
        .collect();
    rows.push(describe_whole_job(units[..OF_A_JOB].iter().sum()));
    rows.push(describe_sizes(figures));
    check_readme_rows(&rows);
}

fn describe_whole_job(units: u64) -> (String, String) {
    let predecessor: u64 = PREDECESSOR.iter().map(|(_, units)| units).sum();
    let percent = units as f64 / predecessor as f64 * 100.0;

    let figure = format!("**{} CU** ({percent:.0} %)", format_thousands(units));
    ("**a whole job**".to_owned(), figure)
}

fn describe_sizes(figures: &Figures) -> (String, String) {
    let size = |program| {
        let bytes = figures[&size_label(program)]["size_bytes"];
        format!("{:.0} KB", bytes as f64 / 1_000.0)
    };

    let row = format!("sizes of the programs: {}", SIZED_PROGRAMS.join(", "));
    (row, SIZED_PROGRAMS.map(size).join(", "))
}
