//! `cargo xtask build-costs`: which crates make the build slow.
//!
//! Cargo's timings have no stable format but their page, which contains them as JSON.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{layout, setup, shell};

/// What precedes the JSON in the page.
const UNITS_MARK: &str = "const UNIT_DATA = ";
/// How many crates are printed.
const SHOWN_CRATES: usize = 10;

/// What to build, or which report to read.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Build nothing: read the page that `cargo build --timings` has written
    #[arg(long, value_name = "FILE", conflicts_with = "args")]
    report: Option<PathBuf>,
    /// Arguments for `cargo build`; defaults to `--workspace`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Seconds of a crate: all of its units, such as library, build script and binary.
struct CrateCost {
    name: String,
    seconds: f64,
}

/// Builds everything anew, and prints the crates that cost most.
pub fn print_costs(options: &Options) -> Result<()> {
    let report = match &options.report {
        Some(report) => report.clone(),
        None => build_anew(&options.args)?,
    };
    let page =
        fs::read_to_string(&report).with_context(|| format!("cannot read {}", report.display()))?;

    print!("{}", render_costs(&sum_costs(&page)?));
    println!("{}", report.display());
    Ok(())
}

/// Builds into an empty folder, because the page leaves out what is up to date. Returns the page.
fn build_anew(args: &[String]) -> Result<PathBuf> {
    let folder = layout::target_folder().join("build-costs");
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    setup::install_packages()?;

    let mut cargo = shell::cargo();
    cargo.args(["build", "--locked", "--timings", "--target-dir"]).arg(&folder);
    if args.is_empty() {
        cargo.arg("--workspace");
    }
    shell::run(cargo.args(args).current_dir(layout::root_folder()))?;
    Ok(folder.join("cargo-timings/cargo-timing.html"))
}

/// Returns the cost of each crate in the page, the highest first.
fn sum_costs(page: &str) -> Result<Vec<CrateCost>> {
    let (_, rest) = page.split_once(UNITS_MARK).context("the page of cargo has no timings")?;
    // The program around the JSON goes on after it.
    let units = serde_json::Deserializer::from_str(rest).into_iter::<Vec<Value>>().next();
    let units = units.context("the page of cargo has no timings")??;

    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    for unit in &units {
        let text = |key: &str| unit[key].as_str().with_context(|| format!("a unit has no {key}"));
        let seconds = unit["duration"].as_f64().context("a unit has no duration")?;
        *sums.entry(format!("{} {}", text("name")?, text("version")?)).or_default() += seconds;
    }

    let mut costs: Vec<CrateCost> =
        sums.into_iter().map(|(name, seconds)| CrateCost { name, seconds }).collect();
    costs.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    Ok(costs)
}

fn render_costs(costs: &[CrateCost]) -> String {
    let total: f64 = costs.iter().map(|cost| cost.seconds).sum();
    let row = |name: &str, seconds: f64| {
        format!("{name:<44} {seconds:>8.1} s {:>5.1} %\n", 100.0 * seconds / total.max(0.1))
    };

    let shown = costs.iter().take(SHOWN_CRATES).map(|cost| row(&cost.name, cost.seconds));
    shown.collect::<String>() + &row(&format!("all {} crates", costs.len()), total)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<script>
const UNIT_DATA = [
  { "i": 0, "name": "ring", "version": "0.17.1", "mode": "run-custom-build", "duration": 7.5 },
  { "i": 1, "name": "anyhow", "version": "1.0.2", "mode": "todo", "target": "", "duration": 9.0 },
  { "i": 2, "name": "ring", "version": "0.17.1", "mode": "todo", "target": "", "duration": 3.5 },
  { "i": 3, "name": "ring", "version": "0.16.0", "mode": "todo", "target": "", "duration": 1.0 }
];
const CONCURRENCY_DATA = [];</script>"#;

    #[test]
    fn the_units_of_a_crate_are_added_up() {
        let costs = sum_costs(PAGE).unwrap();
        let sums: Vec<_> = costs.iter().map(|cost| (cost.name.as_str(), cost.seconds)).collect();
        assert_eq!(sums, [("ring 0.17.1", 11.0), ("anyhow 1.0.2", 9.0), ("ring 0.16.0", 1.0)]);

        let table = render_costs(&costs);
        assert!(table.starts_with("ring 0.17.1") && table.contains("11.0 s  52.4 %"), "{table}");
        assert!(table.ends_with("21.0 s 100.0 %\n"), "{table}");
        assert!(sum_costs("<html></html>").is_err(), "another page");
    }
}
