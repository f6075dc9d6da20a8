//! Whether the comparison with the baseline fails.

use std::fs;

use super::{BASELINE, checkout, explain_failure};
use crate::summary::{SummaryConfig, baseline_path, run};

#[test]
fn a_comparison_of_nothing_fails() {
    let (_folder, mut config) = checkout(None);
    let summary = run(&config).unwrap();
    assert!(summary.list_worse().is_empty());
    assert!(summary.render_changes().starts_with("no deterministic figure was compared"));
    let page = fs::read_to_string(&summary.page).unwrap();
    assert!(!page.contains("class=\"verdict"), "nothing was compared");
    assert!(explain_failure(&summary).contains("no deterministic figure"));

    config.only = vec!["faults".to_owned()];
    assert!(explain_failure(&run(&config).unwrap()).contains("faults.json is missing"));
    config.only = vec!["nosuch".to_owned()];
    assert!(run(&config).unwrap_err().to_string().contains("`nosuch`"));
}

#[test]
fn a_named_benchmark_must_be_readable() {
    let (_folder, mut config) = checkout(Some([5_000, 100]));
    run(&config).unwrap().check_comparison().unwrap();

    config.only = vec!["costs".to_owned()];
    assert!(explain_failure(&run(&config).unwrap()).contains("growth.json is missing"));
    fs::write(config.root.join("target/bench/growth.json"), "{").unwrap();
    assert!(explain_failure(&run(&config).unwrap()).contains("growth.json cannot be read"));
    let writing = SummaryConfig { write_baseline: true, ..config.clone() };
    assert!(run(&writing).unwrap_err().to_string().contains("growth.json cannot be read"));
    fs::write(config.root.join("target/bench/growth.json"), "[]").unwrap();
    assert!(explain_failure(&run(&config).unwrap()).contains("spread.json is missing"));
    fs::write(config.root.join("target/bench/spread.json"), r#"{"samples": 0, "rows": []}"#)
        .unwrap();
    run(&config).unwrap().check_comparison().unwrap();
}

#[test]
fn figures_of_another_compiler_are_a_note() {
    let (_folder, config) = checkout(Some([5_001, 100]));
    let baseline = BASELINE.replace("upstream", "platform-tools");
    fs::write(baseline_path(&config.root), baseline).unwrap();

    let summary = run(&config).unwrap();
    summary.check_comparison().unwrap();
    let changes = summary.render_changes();
    assert!(changes.contains("no deterministic figure was compared"), "{changes}");
    assert!(changes.contains("costs is not compared"), "{changes}");
}
