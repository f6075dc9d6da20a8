//! How many nodes and jobs markets and the chain have room for: simulates markets of all sizes, and
//! renders the figures.
//!
//! | module | purpose |
//! | --- | --- |
//! | `measured` | a run of the demo, as its report has it |
//! | `comparison` | such a run beside the same one in the model |
//! | `setting` | what is simulated and assumed |
//! | `tables` | the figures in tables |
//! | `drawings` | the figures over the number of nodes |
//! | `page` | the page |

mod comparison;
mod drawings;
pub mod measured;
mod page;
mod setting;
mod tables;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use nosana_scale::{
    comparison::Comparison,
    costs::{BlockLimits, Costs},
    point::ScalePoint,
    replay::replay_run,
    sweep::SweepConfig,
};
use serde::Serialize;

pub use self::comparison::render_comparison;
pub(crate) use self::comparison::tabulate_run;
use crate::{progress::Progress, simulate::tables::Table, text::render_table};

/// The version of the report's format.
pub const REPORT_VERSION: &str = "nosana-scale/2";

/// Options of a simulation.
#[derive(Clone, Debug)]
pub struct ScaleConfig {
    /// What is simulated.
    pub sweep: SweepConfig,
    /// A run of the demo beside the same run in the model, for the page.
    pub comparison: Option<Comparison>,
    /// Folder for the page and its data.
    pub out: PathBuf,
    /// Prints nothing to stderr.
    pub quiet: bool,
}

/// What a simulation found.
#[derive(Clone, Debug, Serialize)]
pub struct ScaleReport {
    /// [`REPORT_VERSION`].
    pub version: &'static str,
    /// What was simulated.
    pub config: SweepConfig,
    /// Compute units of the transactions of a job.
    pub costs: Costs,
    /// What fits into a block.
    pub limits: BlockLimits,
    /// All combinations of nodes, markets and loads.
    pub points: Vec<ScalePoint>,
    /// A run of the demo beside the same run in the model, if there was one.
    pub comparison: Option<Comparison>,
    /// Seconds that the simulation took on this machine.
    pub seconds: f64,
    /// The page.
    #[serde(skip)]
    pub page: PathBuf,
}

/// Simulates all combinations, and writes `scale.json` and `scale.html`.
///
/// # Errors
/// If a combination cannot be simulated, or a file cannot be written.
pub fn run(config: &ScaleConfig) -> Result<ScaleReport> {
    let begun = std::time::Instant::now();
    let progress = Progress::new(config.quiet);
    let part = progress.begin_part("scale");

    let combinations = config.sweep.list_points();
    let total = combinations.len();
    ensure!(total > 0, "each market needs a node; give more nodes or fewer markets");

    let mut points = Vec::with_capacity(total);
    for (nodes, markets, load) in combinations {
        part.set_step(format!(
            "{} of {total} simulated, {nodes} nodes in {markets} markets, load {}",
            points.len(),
            load.name
        ));
        points.push(config.sweep.simulate_point(nodes, markets, load)?);
    }
    part.finish(format!("{total} combinations of nodes, markets and loads"));

    let mut report = ScaleReport {
        version: REPORT_VERSION,
        config: config.sweep.clone(),
        costs: Costs::from_baseline()?,
        limits: BlockLimits::AGAVE,
        points,
        comparison: config.comparison.clone(),
        seconds: begun.elapsed().as_secs_f64(),
        page: PathBuf::new(),
    };
    report.write_to(&config.out)?;
    Ok(report)
}

/// Simulates a run of the demo again, from its `demo.json`.
///
/// # Errors
/// If the file is not a report of a demo, or the run cannot be simulated.
pub fn compare_run(path: &Path) -> Result<Comparison> {
    Ok(replay_run(&measured::read_run(path)?)?)
}

impl ScaleReport {
    /// Renders all tables as text.
    pub fn render_text(&self) -> String {
        let tables = self.list_tables();
        let sections = tables
            .iter()
            .map(|table| format!("{}\n{}\n", table.title, render_table(&table.to_rows())));
        sections.collect::<String>() + &setting::describe_setting(self)
    }

    /// Returns all tables, in the order of the report.
    fn list_tables(&self) -> Vec<Table> {
        let run = self.comparison.as_ref().map(tabulate_run);
        tables::list_simulated(self).into_iter().chain(run).collect()
    }

    fn write_to(&mut self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        self.page = folder.join("scale.html");

        let json = serde_json::to_vec_pretty(self).context("cannot write the report as JSON")?;
        let page = page::render_page(self)?.into_bytes();
        for (path, bytes) in [(folder.join("scale.json"), json), (self.page.clone(), page)] {
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}
