//! The files of the benchmarks.

use std::fs;

use crate::summary::{
    baseline::Baseline,
    measured::{State, read_sections},
    section::check_names,
};

#[test]
fn files_are_missing_invalid_or_read() {
    let target = tempfile::tempdir().unwrap();
    fs::create_dir(target.path().join("bench")).unwrap();
    let write = |name: &str, text: &str| fs::write(target.path().join(name), text).unwrap();
    write("bench/costs.json", r#"{"compiler": "upstream", "figures": {}}"#);
    write("bench/growth.json", "{}");
    write("bench/spread.json", "[]");
    write("bench/throughput.json", "{");

    let sections = read_sections(target.path(), &Baseline::default());
    assert!(sections[0].content().is_some());
    for section in &sections[1..4] {
        assert!(matches!(section.state, State::Invalid(_)), "{section:?}");
    }
    assert!(matches!(sections[5].state, State::Missing));
}

#[test]
fn names_of_benchmarks_are_checked() {
    let check = |name: &str| check_names(&[name.to_owned()]);
    check("costs").unwrap();
    let error = check("nosuch").unwrap_err().to_string();
    assert!(error.contains("`nosuch`") && error.contains("costs, throughput"), "{error}");
}
