//! The tables of the README and of the docs.

use std::{fs, path::Path};

use super::{SummaryConfig, checkout};
use crate::summary::{
    baseline::{Baseline, Figures},
    baseline_path,
    figure_row::FigureRow,
    readme::{check_readme, measured_path, render_block},
    recorded::Recorded,
    run,
};

/// The checkout that this test is compiled in.
fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A document of the docs with a table.
const NETWORK: &str = "docs/network.md";

/// A checkout with the committed figures and docs, and with this README.
fn checkout_with(readme: &str) -> (tempfile::TempDir, SummaryConfig) {
    let (folder, config) = checkout(None);
    for path in [baseline_path, measured_path] {
        fs::copy(path(repository()), path(&config.root)).unwrap();
    }
    fs::write(config.root.join("README.md"), readme).unwrap();
    fs::create_dir(config.root.join("docs")).unwrap();
    fs::copy(repository().join(NETWORK), config.root.join(NETWORK)).unwrap();
    (folder, SummaryConfig { write_readme: true, ..config })
}

fn read_committed() -> (Baseline, Recorded) {
    let baseline = Baseline::read(&baseline_path(repository())).unwrap();
    (baseline, Recorded::read(&measured_path(repository())).unwrap())
}

#[test]
fn the_committed_readme_has_the_committed_figures() {
    let (baseline, _) = read_committed();
    check_readme(repository(), &baseline).unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn a_figure_that_differs_makes_the_readme_stale() {
    let (mut baseline, _) = read_committed();
    let change = |table: &mut Figures, label: &str, figure: &str| {
        *table.get_mut(label).unwrap().get_mut(figure).unwrap() += 100_000;
    };
    change(&mut baseline.figures, "jobs.clean", "units");
    change(&mut baseline.blocks, "list", "total");

    let error = check_readme(repository(), &baseline).unwrap_err().to_string();
    assert!(error.contains("cargo xtask bench report --readme"), "{error}");
    for stale in ["| clean | 100,", "| whole jobs a second that blocks have room for"] {
        assert!(error.contains(stale), "{stale}: {error}");
    }
    assert!(!error.contains("| cancel, with refund |"), "{error}");
}

#[test]
fn the_table_is_written_between_its_lines() {
    let committed = fs::read_to_string(repository().join("README.md")).unwrap();
    let row = committed.lines().find(|line| line.starts_with("| heartbeat |")).unwrap();
    let stale = committed.replace(row, "| heartbeat | 1 CU | – | `compute` |");
    assert_ne!(stale, committed);

    let (_folder, config) = checkout_with(&stale);
    run(&config).unwrap();
    assert_eq!(fs::read_to_string(config.root.join("README.md")).unwrap(), committed);

    let (_folder, config) = checkout_with("# A README without the lines\n");
    assert!(run(&config).unwrap_err().to_string().contains("does not have the lines"));
}

#[test]
fn the_docs_have_the_rows_of_the_readme_and_their_own() {
    let committed = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_folder, config) = checkout_with(&committed);
    let path = measured_path(&config.root);
    let mut recorded = Recorded::read(&path).unwrap();
    recorded.details = vec![
        FigureRow::new("plain TCP", "1,741 MB a second", "bench connect"),
        FigureRow::new("another", "7", "bench engine"),
    ];
    recorded.write(&path).unwrap();

    let baseline = Baseline::read(&baseline_path(&config.root)).unwrap();
    let error = check_readme(&config.root, &baseline).unwrap_err().to_string();
    assert!(error.starts_with("docs/network.md is stale"), "{error}");
    run(&config).unwrap();
    check_readme(&config.root, &baseline).unwrap();

    let written = fs::read_to_string(config.root.join(NETWORK)).unwrap();
    assert!(written.contains("| plain TCP | 1,741 MB a second |\n"), "{written}");
    assert!(written.contains("| bytes through a port of a job, part"), "{written}");
    assert!(!written.contains("| another |"), "{written}");
}

#[test]
fn missing_figures_and_cells_with_bars() {
    let (mut baseline, mut recorded) = read_committed();
    recorded.stated[0].row.figure = "1 | 2".to_owned();
    let block = render_block(&baseline, &recorded).unwrap();
    assert!(block.contains("| 1 \\| 2 |"), "{block}");

    baseline.figures.remove("jobs.heartbeat");
    let error = render_block(&baseline, &recorded).unwrap_err().to_string();
    assert!(error.contains("lacks the figure `units` of `jobs.heartbeat`"), "{error}");
}

#[test]
fn files_that_differ_from_the_commit_are_counted_below_the_table() {
    let (baseline, mut recorded) = read_committed();
    recorded.commit = "0123456789abcdef".to_owned();
    let mut render = |changed_files| {
        recorded.changed_files = changed_files;
        render_block(&baseline, &recorded).unwrap()
    };

    assert!(render(Some(12)).contains("commit `01234567` (12 files differ).\n["));
    assert!(render(Some(1)).contains("commit `01234567` (1 file differs).\n["));
    assert!(render(Some(0)).contains("commit `01234567`.\n["));
    // A count that is not known is not one of zero.
    let unknown = render(None);
    assert!(unknown.contains("`01234567` (whether files differ is not known).\n["), "{unknown}");
}
