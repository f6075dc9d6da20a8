//! The figures of the README are those that were measured.

use std::{fs, path::Path};

use crate::baseline::Figures;

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

/// Fails where the README has another figure.
pub fn check_readme(figures: &Figures) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(path).expect("there is a README");

    for (row, label) in ROWS {
        let units = figures[label]["units"];
        let expected = format!("| {row} | {} CU |", with_commas(units));
        assert!(readme.contains(&expected), "the README is stale: it should have `{expected}`");
    }
}

fn with_commas(number: u64) -> String {
    if number < 1_000 {
        return number.to_string();
    }
    format!("{},{:03}", with_commas(number / 1_000), number % 1_000)
}
