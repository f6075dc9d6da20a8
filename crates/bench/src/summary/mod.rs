//! One page of all benchmarks, made from the files that they have written, beside the committed
//! baseline.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`baseline`] | `bench/baseline.json` |
//! | [`compare`], `difference` | figures that differ from it, and how |
//! | `section` | the benchmarks |
//! | `measured`, `sections` | what their files contain, and how each is read |
//! | `content`, `table`, `figure_row` | what a benchmark contributes |
//! | `judge` | the changes of all benchmarks, and which are worse |
//! | `update` | writes what was measured into the baseline |
//! | `recorded`, `record` | `bench/measured.json`: what the README states of one machine |
//! | [`readme`] | the README's table, from both files |
//! | `environment`, `versions` | the machine, the versions and the day |
//! | `revision`, `capture` | the commit, and what differs from it, as git prints it |
//! | `page`, `text` | the page; the most important figures and the changes as text |
//! | `verdict` | whether the comparison fails |

pub mod baseline;
mod capture;
pub mod compare;
mod content;
mod difference;
mod environment;
mod figure_row;
mod judge;
mod measured;
mod page;
pub mod readme;
mod record;
mod recorded;
mod revision;
mod section;
mod sections;
pub(crate) mod table;
#[cfg(test)]
mod tests;
mod text;
mod update;
mod verdict;
mod versions;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use self::{
    baseline::Baseline,
    environment::Environment,
    judge::BaselineComparison,
    measured::{Section, read_sections},
    readme::{measured_path, write_readme},
    record::record_rows,
    recorded::Recorded,
    section::check_names,
    update::update_baseline,
    verdict::check_files,
};

/// Options of a summary.
#[derive(Clone, Debug)]
pub struct SummaryConfig {
    /// The folder of the checkout: it has `bench/baseline.json`, and the files in `target`.
    pub root: PathBuf,
    /// The benchmarks that are compared with the baseline, or written into it; all if it is empty.
    pub only: Vec<String>,
    /// Writes what was measured into the baseline.
    pub write_baseline: bool,
    /// Writes what was measured into `bench/measured.json`, and the README's table: all benchmarks
    /// have to be measured.
    pub record: bool,
    /// Writes the README's table from the committed figures.
    pub write_readme: bool,
    /// Neither compares nor writes timings: those of a quick run are not those of a full one.
    pub without_timings: bool,
}

/// All benchmarks.
#[derive(Debug)]
pub struct Summary {
    environment: Environment,
    sections: Vec<Section>,
    comparison: BaselineComparison,
    only: Vec<String>,
    /// The page.
    pub page: PathBuf,
}

/// Reads the files of all benchmarks, compares them with the baseline, and writes
/// `target/bench/index.html`. Files that are missing or invalid are named in the page.
///
/// # Errors
/// If a benchmark is named that does not exist, if the baseline is invalid, would have figures of
/// two compilers or would be written from invalid files, if a part of the benchmarks is recorded,
/// or if the page or the README cannot be written.
pub fn run(config: &SummaryConfig) -> Result<Summary> {
    check_names(&config.only)?;
    let target = config.root.join("target");
    let environment = Environment::read(&config.root);
    let mut baseline = read_baseline(&config.root)?;
    let mut sections = read_sources(&target, &baseline, config);

    if config.write_baseline {
        check_files(&sections, &config.only)?;
        baseline = update_baseline(&baseline, &sections, &environment.machine, &config.only)?;
        baseline.write(&baseline_path(&config.root))?;
        sections = read_sources(&target, &baseline, config);
    }

    if config.record {
        let path = measured_path(&config.root);
        record_rows(&Recorded::read(&path)?, &sections, &environment)?.write(&path)?;
    }
    if config.record || config.write_readme {
        write_readme(&config.root, &baseline)?;
    }

    let comparison =
        BaselineComparison::new(&sections, &baseline, &environment.machine, &config.only);
    let page = target.join("bench/index.html");
    let summary = Summary { environment, sections, comparison, only: config.only.clone(), page };
    summary.write_page()?;
    Ok(summary)
}

/// Reads the files of all benchmarks, with the timings that are requested.
fn read_sources(target: &Path, baseline: &Baseline, config: &SummaryConfig) -> Vec<Section> {
    let mut sections = read_sections(target, baseline);
    if config.without_timings {
        sections.iter_mut().for_each(Section::remove_timings);
    }
    sections
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
}
