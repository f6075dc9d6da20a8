//! The summary of a checkout with some files.

mod compare;
mod judge;
mod readme;
mod record;
mod sample;
mod section;
mod update;
mod verdict;

use std::fs;

use super::{Summary, SummaryConfig, baseline_path, read_baseline, run};
use crate::html::self_contained::check_self_contained;

const BASELINE: &str = r#"{"compiler": "upstream", "figures": {
    "jobs.list": {"units": 5000}, "program jobs": {"size_bytes": 100}
}}"#;

/// A checkout with a baseline, and with these figures if there are any.
fn checkout(costs: Option<[u64; 2]>) -> (tempfile::TempDir, SummaryConfig) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["bench", "target/bench"] {
        fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("bench/baseline.json"), BASELINE).unwrap();

    if let Some([units, bytes]) = costs {
        let costs = serde_json::json!({
            "compiler": "upstream",
            "figures": {"jobs.list": {"units": units}, "program jobs": {"size_bytes": bytes}},
        });
        fs::write(folder.path().join("target/bench/costs.json"), costs.to_string()).unwrap();
    }
    let root = folder.path().to_path_buf();
    let config = SummaryConfig {
        root,
        only: Vec::new(),
        write_baseline: false,
        record: false,
        write_readme: false,
        without_timings: false,
    };
    (folder, config)
}

/// Returns why a comparison fails.
fn explain_failure(summary: &Summary) -> String {
    summary.check_comparison().unwrap_err().to_string()
}

#[test]
fn the_page_is_self_contained_and_names_missing_files() {
    let (_folder, config) = checkout(Some([5_000, 100]));
    fs::write(config.root.join("target/bench/growth.json"), "{\"old\": \"<b>\"}").unwrap();
    let summary = run(&config).unwrap();
    let page = fs::read_to_string(&summary.page).unwrap();

    check_self_contained(&page).unwrap();
    for present in [
        "prefers-color-scheme: dark",
        "cargo xtask bench --only faults</code> writes <code>target/faults/faults.json",
        "Cannot be shown: not the format of this version",
        "No deterministic figure is worse",
        "program jobs",
    ] {
        assert!(page.contains(present), "{present}: {page}");
    }
    assert_eq!(page.matches("<section>").count(), page.matches("</section>").count());
    assert_eq!(page.matches("<svg").count(), 2);

    let text = summary.render_text();
    assert!(text.contains("not measured") && text.contains("another format"), "{text}");
}

#[test]
fn a_rise_is_listed_and_a_fall_is_not() {
    let (_folder, config) = checkout(Some([5_001, 99]));
    let summary = run(&config).unwrap();

    assert_eq!(summary.list_worse(), ["jobs.list: units rose from 5,000 to 5,001 (+0.0 %)"]);
    assert!(explain_failure(&summary).starts_with("1 deterministic figures"));
    let changes = summary.render_changes();
    assert!(changes.contains("rose") && changes.contains("fell"), "{changes}");
    let page = fs::read_to_string(&summary.page).unwrap();
    assert!(page.contains("1 deterministic figure is worse"), "{page}");
}

#[test]
fn sizes_are_deterministic() {
    let (_folder, config) = checkout(Some([5_000, 101]));
    let rises = run(&config).unwrap().list_worse();
    assert_eq!(rises, ["program jobs: size_bytes rose from 100 to 101 (+1.0 %)"]);
}

#[test]
fn timings_are_left_out_on_request() {
    let (_folder, mut config) = checkout(None);
    let throughput = serde_json::json!({
        "compiler": "upstream",
        "transactions": [{"instruction": "list", "parts": {"execution": 5_000}, "total": 5_000,
                          "reserved": 9_000, "reserved_with_limit": 5_100}],
        "job_units": 5_000, "job_fees": [], "ceilings": [],
        "timings": {"jobs": 40, "jobs_per_second": 9.5, "transactions_per_second": 57.0},
        "bank_runs": [],
    });
    fs::write(config.root.join("target/bench/throughput.json"), throughput.to_string()).unwrap();

    assert!(run(&config).unwrap().render_changes().contains("9.5"));
    config.without_timings = true;
    assert!(!run(&config).unwrap().render_changes().contains("9.5"));
}

#[test]
fn a_baseline_is_written_on_request() {
    let (_folder, mut config) = checkout(Some([5_001, 99]));
    config.write_baseline = true;
    let summary = run(&config).unwrap();

    assert!(summary.list_worse().is_empty());
    let baseline = read_baseline(&config.root).unwrap();
    assert_eq!(baseline.figures["jobs.list"]["units"], 5_001);
    assert_eq!(baseline.figures["program jobs"]["size_bytes"], 99);

    fs::write(baseline_path(&config.root), "{}").unwrap();
    assert!(run(&config).is_err(), "an invalid baseline is not overwritten");
}
