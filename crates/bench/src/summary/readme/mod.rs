//! The README's table and that of docs/network.md, which are written from `bench/baseline.json` and
//! `bench/measured.json`.
//!
//! | module | purpose |
//! | --- | --- |
//! | `table` | the README's table as Markdown |
//! | `costs` | its rows of `bench/baseline.json` |
//! | `connections` | the table of docs/network.md |

mod connections;
mod costs;
mod table;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use self::connections::render_connections;
pub use self::costs::find_ceilings;
pub(super) use self::table::render_block;
use super::{baseline::Baseline, recorded::Recorded};

/// The line before a table.
const START: &str = "<!-- measured: `cargo xtask bench report --readme` writes this table -->";
/// The line after a table.
const END: &str = "<!-- end of measured -->";

/// A document with a table.
struct Document {
    /// Its path in a checkout.
    path: &'static str,
    /// Renders the table and the notes below it.
    render: fn(&Baseline, &Recorded) -> Result<String>,
}

/// All documents with such tables.
static DOCUMENTS: [Document; 2] = [
    Document { path: "README.md", render: render_block },
    Document { path: "docs/network.md", render: render_connections },
];

/// Returns the path of the figures that the README states of one machine.
pub fn measured_path(root: &Path) -> PathBuf {
    root.join("bench/measured.json")
}

/// Writes the tables of the README and of the docs in this checkout.
///
/// # Errors
/// If a document has no place for its table, if a figure is missing, or if a file cannot be read or
/// written.
pub fn write_readme(root: &Path, baseline: &Baseline) -> Result<()> {
    let recorded = Recorded::read(&measured_path(root))?;

    for document in &DOCUMENTS {
        let text = document.read_text(root)?;
        let block = document.render_table(baseline, &recorded)?;
        let Parts { before, after, .. } = document.split_text(&text)?;
        let path = root.join(document.path);
        fs::write(&path, format!("{before}{START}{block}{END}{after}"))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Fails unless the README and the docs in this checkout have the tables of these figures.
///
/// # Errors
/// If a table is another one, if a figure is missing, or if a file cannot be read.
pub fn check_readme(root: &Path, baseline: &Baseline) -> Result<()> {
    let recorded = Recorded::read(&measured_path(root))?;

    for document in &DOCUMENTS {
        let text = document.read_text(root)?;
        let expected = document.render_table(baseline, &recorded)?;
        let found = document.split_text(&text)?.block;

        let is_absent = |line: &&str| found.lines().all(|other| other != *line);
        let absent: Vec<&str> = expected.lines().filter(is_absent).collect();
        ensure!(
            found == expected,
            "{} is stale; write its table from bench/baseline.json and bench/measured.json: cargo \
             xtask bench report --readme\nit lacks these lines, or has others beside them:\n{}",
            document.path,
            absent.join("\n")
        );
    }
    Ok(())
}

/// A document around its table.
struct Parts<'a> {
    before: &'a str,
    block: &'a str,
    after: &'a str,
}

impl Document {
    fn read_text(&self, root: &Path) -> Result<String> {
        let path = root.join(self.path);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    fn split_text<'a>(&self, text: &'a str) -> Result<Parts<'a>> {
        let parts = text.split_once(START).and_then(|(before, rest)| {
            let (block, after) = rest.split_once(END)?;
            Some(Parts { before, block, after })
        });

        parts
            .with_context(|| format!("{} does not have the lines `{START}` and `{END}`", self.path))
    }

    /// Renders what is between the two lines.
    fn render_table(&self, baseline: &Baseline, recorded: &Recorded) -> Result<String> {
        Ok(format!("\n{}", (self.render)(baseline, recorded)?))
    }
}
