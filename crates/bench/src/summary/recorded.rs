//! What the README states of one machine: `bench/measured.json`, which is committed.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::figure_row::FigureRow;

/// The figures of one full run of all benchmarks, and those that no benchmark measures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// The machine of the run, which was idle.
    pub machine: String,
    /// The commit of the checkout.
    pub commit: String,
    /// How many files of the measured parts differed from the commit; `None` if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_files: Option<usize>,
    /// The day of the run: `2026-11-30`.
    pub date: String,
    /// What the benchmarks measured: `cargo xtask bench --record` writes these rows.
    pub measured: Vec<FigureRow>,
    /// What they measured besides: tables of the docs have these rows, and the README does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<FigureRow>,
    /// What no benchmark measures: developers edit these rows.
    pub stated: Vec<StatedRow>,
}

/// A row that a developer wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedRow {
    /// The row.
    #[serde(flatten)]
    pub row: FigureRow,
    /// The day of its measurement; `None` before the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

impl Recorded {
    /// Reads the file.
    ///
    /// # Errors
    /// If the file cannot be read, or has another format.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the figures of the README, {shown}"))?;

        serde_json::from_str(&text)
            .with_context(|| format!("{shown} does not have the figures of the README"))
    }

    /// Writes the file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self).context("the figures are not JSON")?;

        fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))
    }
}
