//! What a full run records for the README.

use std::{fs, path::Path};

use super::{SummaryConfig, checkout, sample::measured_section};
use crate::summary::{
    content::Content,
    environment::Environment,
    figure_row::{FigureRow, NOT_COMPARED},
    measured::Section,
    readme::measured_path,
    record::record_rows,
    recorded::{Recorded, StatedRow},
    revision::Revision,
    run,
};

fn row(figure: &str, command: &str) -> FigureRow {
    FigureRow::new("speed", figure, command)
}

/// A row that compares the engine with another one.
fn compared_row() -> FigureRow {
    row("5", "bench engine").with_predecessor("3 by another")
}

fn sample() -> Recorded {
    Recorded {
        machine: "old".to_owned(),
        commit: "1234".to_owned(),
        changed_files: Some(2),
        date: "2026-11-23".to_owned(),
        measured: vec![row("5", "bench engine")],
        details: vec![row("1", "bench connect")],
        stated: vec![StatedRow { row: row("7", "fuzz"), date: None }],
    }
}

fn engine(rows: &[FigureRow]) -> Section {
    measured_section("engine", Content { rows: rows.to_vec(), ..Content::default() })
}

fn environment() -> Environment {
    Environment::read(Path::new(env!("CARGO_MANIFEST_DIR")))
}

#[test]
fn a_run_replaces_what_was_measured_and_keeps_what_was_stated() {
    let old = sample();
    let environment = environment();
    let rows = [row("6", "bench engine"), row("8", "bench engine")];
    let details = vec![row("2", "bench connect")];
    let connect = Content { details: details.clone(), ..Content::default() };
    let sections = [engine(&rows), measured_section("connect", connect)];
    let recorded = record_rows(&old, &sections, &environment).unwrap();

    assert_eq!((&recorded.measured[..], &recorded.stated), (&rows[..], &old.stated));
    assert_eq!(recorded.details, details);
    assert_eq!((&recorded.machine, &recorded.date), (&environment.machine, &environment.date));
    assert_eq!(recorded.date.len(), "2026-11-30".len(), "{}", recorded.date);
}

#[test]
fn the_commit_is_recorded_with_the_measured_files_that_differ() {
    let revision = Revision {
        commit: Some("5678".to_owned()),
        changed_files: Some(9),
        changed_measured: Some(4),
    };
    let environment = Environment { revision, ..environment() };
    let rows = [row("6", "bench engine")];
    let recorded = record_rows(&sample(), &[engine(&rows)], &environment).unwrap();

    assert_eq!((&*recorded.commit, recorded.changed_files), ("5678", Some(4)));
}

#[test]
fn a_run_that_lacks_a_recorded_figure_is_not_recorded() {
    let explain = |before: FigureRow, now: &[FigureRow]| {
        let old = Recorded { measured: vec![before], ..sample() };
        record_rows(&old, &[engine(now)], &environment()).unwrap_err().to_string()
    };

    let error = explain(row("5", "bench engine"), &[]);
    assert!(error.contains("`bench engine` did not measure `speed`, which is `5`"), "{error}");
    assert!(error.contains("cargo xtask bench --record"), "{error}");
    // As many rows are not the same rows.
    let error = explain(
        row("5", "bench engine"),
        &[FigureRow::new("memory", "6", "bench engine"), row("6", "bench scale")],
    );
    assert!(error.contains("did not measure `speed`"), "{error}");

    let error = explain(compared_row(), &[row("6", "bench engine")]);
    assert!(error.contains("with nothing; it was `3 by another`"), "{error}");
}

#[test]
fn a_row_may_compare_more_than_before() {
    let recorded = record_rows(&sample(), &[engine(&[compared_row()])], &environment()).unwrap();

    assert_eq!(sample().measured[0].predecessor, NOT_COMPARED);
    assert_eq!(recorded.measured, [compared_row()]);
}

#[test]
fn a_part_of_the_benchmarks_is_not_recorded() {
    let (_folder, config) = checkout(Some([5_000, 100]));
    let path = measured_path(&config.root);
    sample().write(&path).unwrap();
    let before = fs::read_to_string(&path).unwrap();

    let error = run(&SummaryConfig { record: true, ..config }).unwrap_err().to_string();
    assert!(error.contains("target/bench/engine.json"), "{error}");
    assert!(!error.contains("costs.json"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn the_file_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("measured.json");
    let mut recorded = sample();
    recorded.stated[0].date = Some("2026-11-30".to_owned());
    recorded.write(&path).unwrap();
    assert_eq!(Recorded::read(&path).unwrap(), recorded);
    // A record without a count and details.
    recorded.changed_files = None;
    recorded.details.clear();
    recorded.write(&path).unwrap();
    assert_eq!(Recorded::read(&path).unwrap(), recorded);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("changed_files") && !text.contains("details"), "{text}");

    fs::write(&path, "{}").unwrap();
    let error = Recorded::read(&path).unwrap_err();
    assert!(format!("{error:#}").contains("measured.json does not have"), "{error:#}");
}
