//! What every instruction cost when the baseline was written: `bench/baseline.json`. A figure that
//! rises without the baseline fails, so that nothing becomes dearer unnoticed.
//!
//! `NOSANA_WRITE_BASELINE=1 cargo test --workspace --test compute` writes these figures into the
//! file, after all other checks. It has the figures of one compiler; those of another are not
//! compared.

use std::{collections::BTreeMap, fs};

pub use nosana_bench::summary::baseline::Figures;
use nosana_bench::summary::{baseline::Baseline, compare::compare_figures};
use nosana_tests::{
    programs::deploy_folder,
    reports::{
        WRITE_BASELINE, baseline_path, check_changes, check_readme, read_compiler, report_folder,
        write_readme,
    },
};
use serde_json::{Map, Value, json};

use crate::meter::Cost;

/// Why instructions cost more than one and a half times their floors, by their labels.
pub type Reasons = BTreeMap<String, String>;

/// The lamports of rent that accounts gain, where they do.
const RENT: &str = "rent_lamports";
/// The lamports of rent that accounts lose, where they do.
const RETURNED: &str = "returned_rent_lamports";
/// The programs whose sizes are compared.
const SIZED_PROGRAMS: [&str; 3] = ["jobs", "rewards", "staking"];

/// The figures of these costs, and the sizes of the programs.
pub fn collect_figures(costs: &[Cost]) -> Figures {
    let of_instructions = costs.iter().map(|cost| {
        let footprint = cost.footprint;
        let rent = [(RENT, cost.rent.locked), (RETURNED, cost.rent.returned)];
        let figures = [
            ("units", cost.units),
            ("block_units", footprint.block_units(cost.units)),
            ("bytes", footprint.bytes),
            ("accounts", footprint.accounts),
            ("writable", footprint.writable),
        ];
        let moved = rent.into_iter().filter(|(_, lamports)| *lamports > 0);
        let figures = figures.into_iter().chain(moved);
        (cost.ceiling.label(), figures.map(|(name, figure)| (name.to_owned(), figure)).collect())
    });
    of_instructions.chain(program_sizes()).collect()
}

/// Fails if a figure is worse than the baseline's, or differs from the README's.
pub fn compare_baseline(figures: &Figures) {
    let mut baseline = read_baseline();
    let changes = compare_figures(&baseline.figures, figures);
    check_changes(&changes, "cargo test --workspace --test compute");

    baseline.figures.clone_from(figures);
    check_readme(&baseline);
}

fn read_baseline() -> Baseline {
    let path = baseline_path();
    Baseline::read(&path).unwrap_or_else(|error| panic!("{error:#}; {WRITE_BASELINE}=1 writes it"))
}

/// Writes the figures and the README's table, and keeps what other benchmarks have written.
pub fn write_baseline(figures: &Figures) {
    let path = baseline_path();
    let mut baseline = if path.exists() { read_baseline() } else { Baseline::default() };

    let replaced = baseline.replace_tables(&read_compiler(), figures, &Figures::new());
    replaced.unwrap_or_else(|error| panic!("{error:#}"));
    baseline.write(&path).expect("the baseline is writable");
    write_readme(&baseline);
}

/// Writes the figures, and the reasons beside them, where reports are made from them.
pub fn write_report(figures: &Figures, reasons: &Reasons) {
    let text = serde_json::to_string_pretty(&to_json(figures, reasons)).expect("figures are JSON");
    fs::write(report_folder().join("costs.json"), text).expect("the report is writable");
}

fn to_json(figures: &Figures, reasons: &Reasons) -> Value {
    let mut all = Map::new();
    for (label, of_label) in figures {
        all.insert(label.clone(), json!(of_label));
    }
    json!({ "compiler": read_compiler(), "figures": all, "reasons": reasons })
}

fn program_sizes() -> impl Iterator<Item = (String, BTreeMap<String, u64>)> {
    SIZED_PROGRAMS.into_iter().map(|program| {
        let path = deploy_folder().join(format!("nosana_{program}.so"));
        let bytes = fs::metadata(&path).expect("the programs are built").len();
        (size_label(program), [("size_bytes".to_owned(), bytes)].into())
    })
}

/// The label of a program's size.
fn size_label(program: &str) -> String {
    format!("program {program}")
}
