//! `throughput.json`.

use serde_json::{Value, json};

use crate::summary::{baseline::Baseline, sections::throughput::read_throughput};

fn sample() -> Value {
    json!({
        "compiler": "upstream",
        "transactions": [
            {"instruction": "list", "parts": {"signatures": 720, "execution": 5_000},
             "total": 5_720, "reserved": 20_000, "reserved_with_limit": 5_800, "bytes": 600},
            {"instruction": "work", "parts": {"signatures": 720, "execution": 3_000},
             "total": 3_720, "reserved": 18_000, "reserved_with_limit": 3_800, "bytes": 500},
        ],
        "job_units": 9_440,
        "job_fees": [
            {"micro_lamports_per_unit": 1_000, "signature_lamports": 10_000,
             "priority_lamports": 43, "lamports": 10_043},
        ],
        "ceilings": [
            {"markets": 1, "jobs_per_block": 852, "jobs_per_second": 2_130.0, "bound": "queue"},
        ],
        "timings": {
            "jobs": 40, "jobs_per_second": 1_215.4, "transactions_per_second": 7_292.4,
            "median_microseconds": {"list": 12.0},
        },
        "bank_runs": [
            {"threads": 1, "markets": 16, "transactions": 96, "delayed": 0,
             "jobs_per_second": 500.0, "transactions_per_second": 3_000.4},
            {"threads": 2, "markets": 1, "transactions": 96, "delayed": 12,
             "jobs_per_second": 600.0, "transactions_per_second": 3_600.0},
        ],
    })
}

#[test]
fn units_are_figures_and_times_are_timings() {
    let content = read_throughput(sample(), &Baseline::default()).unwrap();
    assert_eq!(content.blocks["list"]["total"], 5_720);
    assert_eq!(content.blocks["list"]["reserved_with_limit"], 5_800);
    assert_eq!(content.blocks["a whole job"]["total"], 9_440);
    assert_eq!(content.timings["40 jobs, jobs in a second"], 1_215.4);
    let on_bank = "96 transactions on a bank, 2 threads, 1 markets, in a second";
    assert_eq!(content.timings[on_bank], 3_600.0);
    assert!(content.figures.is_empty());
    assert_eq!(content.headlines[1].value, "2,130");
    assert!(content.drawings.contains("3,720"), "{}", content.drawings);
    assert_eq!(content.tables[1].rows, [["1,000", "10,000", "43", "10,043"]]);
    assert_eq!(content.tables[3].rows[1], ["2", "1", "96", "12", "3,600"]);
}

#[test]
fn the_readme_has_the_speed_of_many_jobs() {
    let mut file = sample();
    assert!(read_throughput(file.clone(), &Baseline::default()).unwrap().rows.is_empty());

    file["timings"]["jobs"] = json!(2_000);
    let rows = read_throughput(file, &Baseline::default()).unwrap().rows;
    assert_eq!(
        rows.iter().map(|row| &*row.figure).collect::<Vec<_>>(),
        ["1,215 and 7,292", "3,000; 3,600"]
    );
    let what = "transactions a second of a bank: 1 thread and 16 markets; 2 threads and 1 market";
    assert_eq!(rows[1].what, what);
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
