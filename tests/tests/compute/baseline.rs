//! What every instruction cost when the baseline was written: `bench/baseline.json`. A figure that
//! rises without the baseline fails, so that nothing becomes dearer unnoticed.
//!
//! `NOSANA_WRITE_BASELINE=1 cargo test --workspace --test compute` writes the file. It has the figures
//! of one compiler; those of another are printed and not compared.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use nosana_tests::report_folder;
use serde_json::{Map, Value, json};

use crate::meter::Cost;

/// The variable that makes the suite write the baseline.
const WRITE: &str = "NOSANA_WRITE_BASELINE";
/// The compiler whose figures the baseline has.
const COMPILER: &str = "upstream";

/// Figures by what was measured, such as `jobs.list`.
pub type Figures = BTreeMap<String, BTreeMap<String, u64>>;

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
        let text = serde_json::to_string_pretty(&to_json(figures)).expect("figures are JSON");
        fs::write(baseline_path(), text + "\n").expect("the baseline is writable");
        return;
    }
    if !is_comparable() {
        println!("another compiler built the programs: the baseline is not compared");
        return;
    }

    let baseline = read_baseline();
    let changes = find_changes(&baseline, figures);
    for change in &changes {
        println!("{change}");
    }
    let worse: Vec<_> = changes.into_iter().filter(|change| change.contains(WORSE)).collect();
    assert!(
        worse.is_empty(),
        "{}\nmake it cheaper, or say why in the commit and write the baseline:\n\
         {WRITE}=1 cargo test --workspace --test compute",
        worse.join("\n")
    );
}

const WORSE: &str = "WORSE";

/// One line for each figure that differs.
fn find_changes(baseline: &Figures, figures: &Figures) -> Vec<String> {
    let mut changes = Vec::new();

    for (label, of_label) in figures {
        for (name, now) in of_label {
            let before = baseline.get(label).and_then(|of_label| of_label.get(name));
            match before {
                None => {
                    changes.push(format!("{WORSE} {label}: {name} {now} is not in the baseline"))
                }
                Some(before) if now > before => {
                    changes.push(format!("{WORSE} {label}: {name} rose from {before} to {now}"));
                }
                Some(before) if now < before => {
                    changes.push(format!("better {label}: {name} fell from {before} to {now}"));
                }
                Some(_) => {}
            }
        }
    }
    let gone = baseline.keys().filter(|label| !figures.contains_key(*label));
    changes.extend(gone.map(|label| format!("{WORSE} {label}: it is no longer measured")));
    changes
}

fn read_baseline() -> Figures {
    let path = baseline_path();
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; {WRITE}=1 writes it", path.display()));
    let value: Value = serde_json::from_str(&text).expect("the baseline is JSON");
    serde_json::from_value(value["figures"].clone()).expect("the baseline has figures")
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
    json!({ "compiler": built_with(), "figures": all })
}

fn program_sizes() -> impl Iterator<Item = (String, BTreeMap<String, u64>)> {
    ["jobs", "rewards", "staking"].into_iter().map(|program| {
        let path = deploy_folder().join(format!("nosana_{program}.so"));
        let bytes = fs::metadata(&path).expect("the programs are built").len();
        (format!("program {program}"), [("size_bytes".to_owned(), bytes)].into())
    })
}

/// Whether the compiler built the programs whose figures the baseline has.
pub fn is_comparable() -> bool {
    built_with() == COMPILER
}

/// The compiler that built the programs, as `cargo xtask build-programs` notes it.
fn built_with() -> String {
    let note = fs::read_to_string(deploy_folder().join("compiler.txt"));
    note.map_or_else(|_| "unknown".to_owned(), |note| note.trim().to_owned())
}

fn deploy_folder() -> PathBuf {
    env::var_os("SBF_OUT_DIR").map_or_else(|| root().join("target/deploy"), PathBuf::from)
}

fn baseline_path() -> PathBuf {
    root().join("bench/baseline.json")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn a_figure_that_rises_or_is_new_is_worse() {
    let figures = |units: u64| -> Figures {
        [("jobs.list".to_owned(), [("units".to_owned(), units)].into())].into()
    };
    assert!(find_changes(&figures(5), &figures(5)).is_empty());
    assert!(find_changes(&figures(5), &figures(6))[0].starts_with(WORSE));
    assert!(find_changes(&figures(6), &figures(5))[0].starts_with("better"));
    assert!(find_changes(&Figures::new(), &figures(5))[0].starts_with(WORSE));
    assert!(find_changes(&figures(5), &Figures::new())[0].starts_with(WORSE));
}
