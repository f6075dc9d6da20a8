//! One page of all benchmarks, made from the files that they have written, beside the committed
//! baseline.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`baseline`] | `bench/baseline.json` |
//! | [`compare`] | figures that differ from it |
//! | `section` | the benchmarks, and what their files contain |
//! | `sections` | reads the file of each benchmark |
//! | `content`, `table` | what a benchmark contributes |
//! | `judge` | the changes of all benchmarks, and whether they fail |
//! | `update` | writes what was measured into the baseline |
//! | `environment`, `versions` | the machine, the versions and the commit |
//! | `page` | the page |

pub mod baseline;
pub mod compare;
mod content;
mod environment;
mod judge;
mod page;
mod section;
mod sections;
mod table;
#[cfg(test)]
mod tests;
mod update;
mod versions;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use self::{
    baseline::Baseline,
    environment::Environment,
    judge::{BaselineComparison, HEADING},
    section::{Section, State, read_sections},
    table::SummaryTable,
    update::update_baseline,
};
use crate::text::render_table;

/// Options of a summary.
#[derive(Clone, Debug)]
pub struct SummaryConfig {
    /// The folder of the checkout: it has `bench/baseline.json`, and the files in `target`.
    pub root: PathBuf,
    /// The benchmarks that are compared with the baseline, or written into it; all if it is empty.
    pub only: Vec<String>,
    /// Writes what was measured into the baseline.
    pub write_baseline: bool,
}

/// All benchmarks.
#[derive(Debug)]
pub struct Summary {
    environment: Environment,
    sections: Vec<Section>,
    comparison: BaselineComparison,
    /// The page.
    pub page: PathBuf,
}

/// Reads the files of all benchmarks, compares them with the baseline, and writes
/// `target/bench/index.html`. Files that are missing or invalid are named in the page.
///
/// # Errors
/// If the baseline is invalid, or the page cannot be written.
pub fn run(config: &SummaryConfig) -> Result<Summary> {
    let target = config.root.join("target");
    let environment = Environment::read(&config.root);
    let mut baseline = read_baseline(&config.root)?;
    let mut sections = read_sections(&target, &baseline);

    if config.write_baseline {
        baseline = update_baseline(&baseline, &sections, &environment.machine, &config.only);
        baseline.write(&baseline_path(&config.root))?;
        sections = read_sections(&target, &baseline);
    }

    let comparison =
        BaselineComparison::new(&sections, &baseline, &environment.machine, &config.only);
    let page = target.join("bench/index.html");
    let summary = Summary { environment, sections, comparison, page };
    summary.write_page()?;
    Ok(summary)
}

fn baseline_path(root: &Path) -> PathBuf {
    root.join("bench/baseline.json")
}

/// Reads the baseline; without one, every figure is new.
fn read_baseline(root: &Path) -> Result<Baseline> {
    let path = baseline_path(root);
    if path.exists() { Baseline::read(&path) } else { Ok(Baseline::default()) }
}

impl Summary {
    fn write_page(&self) -> Result<()> {
        if let Some(folder) = self.page.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        }

        fs::write(&self.page, page::render_page(self))
            .with_context(|| format!("cannot write {}", self.page.display()))
    }

    /// Renders the most important figures as text.
    pub fn render_text(&self) -> String {
        let table = self.list_headlines();
        let rows: Vec<Vec<String>> = std::iter::once(table.heading).chain(table.rows).collect();
        format!("{}\n\n{}", self.environment.machine, render_table(&rows))
    }

    /// Renders what changed against the baseline as text.
    pub fn render_changes(&self) -> String {
        let mut rows = self.comparison.list_rows();
        let changes = if rows.is_empty() {
            "no figure differs from bench/baseline.json\n".to_owned()
        } else {
            rows.insert(0, HEADING.map(str::to_owned).to_vec());
            render_table(&rows)
        };

        self.comparison.notes.iter().fold(changes, |text, note| text + "  " + note + "\n")
    }

    /// Returns the deterministic figures that rose against the baseline, as sentences.
    pub fn list_rises(&self) -> Vec<String> {
        self.comparison.list_rises().iter().map(ToString::to_string).collect()
    }

    fn list_headlines(&self) -> SummaryTable {
        let mut rows = Vec::new();

        for section in &self.sections {
            let name = section.source.name;
            let mut add = |figure: &str, value: &str| {
                rows.push([name, figure, value].map(str::to_owned).to_vec());
            };
            match &section.state {
                State::Missing => add(section.source.title, "not measured"),
                State::Invalid(_) => add(section.source.title, "another format"),
                State::Measured { content, .. } => {
                    content.headlines.iter().for_each(|it| add(&it.name, &it.value));
                }
            }
        }
        SummaryTable::new("", &["benchmark", "figure", "value"], rows).with_text(&[1])
    }
}
