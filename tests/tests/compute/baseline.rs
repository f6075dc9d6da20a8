//! What every instruction cost when the baseline was written: `bench/baseline.json`. A figure that
//! rises without the baseline fails, so that nothing becomes dearer unnoticed.
//!
//! `NOSANA_WRITE_BASELINE=1 cargo test --workspace --test compute` writes these figures into the
//! file. It has the figures of one compiler; those of another are printed and not compared.

use std::{collections::BTreeMap, env, fs};

pub use nosana_bench::summary::baseline::Figures;
use nosana_bench::summary::{
    baseline::Baseline,
    compare::{Change, Difference, compare_figures},
};
use nosana_tests::{
    programs::deploy_folder,
    reports::{baseline_path, has_compared_compiler, read_compiler, report_folder},
};
use serde_json::{Map, Value, json};

use crate::meter::Cost;

/// The variable that makes the suite write the baseline.
const WRITE: &str = "NOSANA_WRITE_BASELINE";
/// The programs whose sizes are compared.
pub const SIZED_PROGRAMS: [&str; 3] = ["jobs", "rewards", "staking"];

/// The figures of these costs, and the sizes of the programs.
pub fn collect_figures(costs: &[Cost]) -> Figures {
    let of_instructions = costs.iter().map(|cost| {
        let footprint = cost.footprint;
        let figures = [
            ("units", cost.units),
            ("block_units", footprint.block_units(cost.units)),
            ("bytes", footprint.bytes),
            ("accounts", footprint.accounts),
            ("writable", footprint.writable),
        ];
        (cost.ceiling.label(), figures.map(|(name, figure)| (name.to_owned(), figure)).into())
    });
    of_instructions.chain(program_sizes()).collect()
}

/// Compares figures with the baseline, or writes it.
pub fn check_baseline(figures: &Figures) {
    write_report(figures);
    if env::var_os(WRITE).is_some() {
        write_baseline(figures);
        return;
    }
    if !has_compared_compiler() {
        println!("another compiler built the programs: the baseline is not compared");
        return;
    }

    let changes = compare_figures(&read_baseline().figures, figures);
    for change in &changes {
        println!("{change}");
    }
    let worse: Vec<String> =
        changes.iter().filter(|it| is_worse(it)).map(Change::to_string).collect();
    assert!(
        worse.is_empty(),
        "{}\nmake it cheaper, or say why in the commit and write the baseline:\n\
         {WRITE}=1 cargo test --workspace --test compute",
        worse.join("\n")
    );
}

/// Whether a change requires another baseline: all that do not make something cheaper.
const fn is_worse(change: &Change) -> bool {
    match change.difference {
        Difference::Fell { .. } => false,
        Difference::Rose { .. } | Difference::New { .. } | Difference::Gone { .. } => true,
    }
}

fn read_baseline() -> Baseline {
    let path = baseline_path();
    Baseline::read(&path).unwrap_or_else(|error| panic!("{error:#}; {WRITE}=1 writes it"))
}

/// Writes the figures, and keeps what other benchmarks have written.
fn write_baseline(figures: &Figures) {
    let path = baseline_path();
    let mut baseline = if path.exists() { read_baseline() } else { Baseline::default() };
    baseline.compiler = read_compiler();
    baseline.figures = figures.clone();

    baseline.write(&path).expect("the baseline is writable");
}

/// Writes the figures where reports are made from them.
fn write_report(figures: &Figures) {
    let text = serde_json::to_string_pretty(&to_json(figures)).expect("figures are JSON");
    fs::write(report_folder().join("costs.json"), text).expect("the report is writable");
}

fn to_json(figures: &Figures) -> Value {
    let mut all = Map::new();
    for (label, of_label) in figures {
        all.insert(label.clone(), json!(of_label));
    }
    json!({ "compiler": read_compiler(), "figures": all })
}

fn program_sizes() -> impl Iterator<Item = (String, BTreeMap<String, u64>)> {
    SIZED_PROGRAMS.into_iter().map(|program| {
        let path = deploy_folder().join(format!("nosana_{program}.so"));
        let bytes = fs::metadata(&path).expect("the programs are built").len();
        (size_label(program), [("size_bytes".to_owned(), bytes)].into())
    })
}

/// The label of a program's size.
pub fn size_label(program: &str) -> String {
    format!("program {program}")
}

#[test]
fn a_figure_that_rises_or_is_new_is_worse() {
    let figures = |units: u64| -> Figures {
        [("jobs.list".to_owned(), [("units".to_owned(), units)].into())].into()
    };
    let is_worse_than = |baseline: &Figures, now: &Figures| {
        let changes = compare_figures(baseline, now);
        changes.iter().any(is_worse)
    };
    assert!(compare_figures(&figures(5), &figures(5)).is_empty());
    assert!(is_worse_than(&figures(5), &figures(6)));
    assert!(!is_worse_than(&figures(6), &figures(5)));
    assert!(is_worse_than(&Figures::new(), &figures(5)));
    assert!(is_worse_than(&figures(5), &Figures::new()));
}
