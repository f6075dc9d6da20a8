//! The README's table, which is written from `bench/baseline.json` and `bench/measured.json`.
//!
//! | module | purpose |
//! | --- | --- |
//! | `table` | the table as Markdown |
//! | `costs` | its rows of `bench/baseline.json` |

mod costs;
mod table;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

pub use self::costs::find_ceilings;
pub(super) use self::table::render_block;
use super::{baseline::Baseline, recorded::Recorded};

/// The line before the table.
const START: &str = "<!-- measured: `cargo xtask bench report --readme` writes this table -->";
/// The line after the table.
const END: &str = "<!-- end of measured -->";

/// Returns the path of the figures that the README states of one machine.
pub fn measured_path(root: &Path) -> PathBuf {
    root.join("bench/measured.json")
}

/// Writes the table of the README in this checkout.
///
/// # Errors
/// If the README has no place for it, if a figure is missing, or if a file cannot be read or
/// written.
pub fn write_readme(root: &Path, baseline: &Baseline) -> Result<()> {
    let (path, text) = read_readme(root)?;
    let block = render_table(root, baseline)?;

    let Parts { before, after, .. } = split_readme(&text)?;
    fs::write(&path, format!("{before}{START}{block}{END}{after}"))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Fails unless the README in this checkout has the table of these figures.
///
/// # Errors
/// If its table is another one, if a figure is missing, or if a file cannot be read.
pub fn check_readme(root: &Path, baseline: &Baseline) -> Result<()> {
    let (_, text) = read_readme(root)?;
    let expected = render_table(root, baseline)?;
    let found = split_readme(&text)?.block;

    let is_absent = |line: &&str| found.lines().all(|other| other != *line);
    let absent: Vec<&str> = expected.lines().filter(is_absent).collect();
    ensure!(
        found == expected,
        "the README is stale; write its table from bench/baseline.json and bench/measured.json: \
         cargo xtask bench report --readme\nit lacks these lines, or has others beside them:\n{}",
        absent.join("\n")
    );
    Ok(())
}

/// A README around its table.
struct Parts<'a> {
    before: &'a str,
    block: &'a str,
    after: &'a str,
}

fn split_readme(text: &str) -> Result<Parts<'_>> {
    let parts = text.split_once(START).and_then(|(before, rest)| {
        let (block, after) = rest.split_once(END)?;
        Some(Parts { before, block, after })
    });

    parts.with_context(|| format!("README.md does not have the lines `{START}` and `{END}`"))
}

fn read_readme(root: &Path) -> Result<(PathBuf, String)> {
    let path = root.join("README.md");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok((path, text))
}

/// Renders what is between the two lines.
fn render_table(root: &Path, baseline: &Baseline) -> Result<String> {
    let recorded = Recorded::read(&measured_path(root))?;
    Ok(format!("\n{}", render_block(baseline, &recorded)?))
}
