//! Which strategies pay in disputes: runs the simulation, and renders what it found.
//!
//! | module | purpose |
//! | --- | --- |
//! | `tables` | the figures in tables |
//! | `chart` | a drawing as SVG |
//! | `page` | the page |

pub(crate) mod chart;
mod page;
pub(crate) mod tables;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use nosana_simulation::{
    STEPS,
    config::SimulationConfig,
    report::{Failure, Report},
};

/// How often the time on the progress bar moves on.
const TICK_INTERVAL: Duration = Duration::from_millis(200);

/// Options of a simulation.
#[derive(Clone, Debug)]
pub struct SimulateConfig {
    /// What is simulated.
    pub simulation: SimulationConfig,
    /// Folder for the page and its data.
    pub out: PathBuf,
    /// Prints nothing to stderr.
    pub quiet: bool,
}

/// What a simulation found.
#[derive(Clone, Debug)]
pub struct SimulateReport {
    report: Report,
    /// Strategies that pay within the bounds that the programs enforce.
    pub failures: Vec<Failure>,
    /// The page.
    pub page: PathBuf,
}

/// Runs the simulation, and writes `simulate.json` and `simulate.html`.
///
/// # Errors
/// If a rule of the protocol fails, or a file cannot be written.
pub fn run(config: &SimulateConfig) -> Result<SimulateReport> {
    let bar = show_progress(config.quiet);
    let report = nosana_simulation::run(&config.simulation, &|| bar.inc(1))?;
    bar.finish_and_clear();

    let failures = report.list_failures();
    let page = write_files(&report, &failures, &config.out)?;
    Ok(SimulateReport { report, failures, page })
}

impl SimulateReport {
    /// Renders all tables as text.
    pub fn render_text(&self) -> String {
        let tables = tables::list_tables(&self.report);
        let sections = tables.iter().map(|table| {
            format!("{}\n{}\n", table.title, crate::text::render_table(&table.to_rows()))
        });
        sections.collect::<String>() + &tables::describe_confidence(&self.report)
    }
}

fn show_progress(quiet: bool) -> ProgressBar {
    let template = "simulating {wide_bar} {percent} %, {eta} left";
    let style = ProgressStyle::with_template(template);
    let bar = ProgressBar::with_draw_target(Some(STEPS), ProgressDrawTarget::stderr())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    if quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar.enable_steady_tick(TICK_INTERVAL);
    bar
}

fn write_files(report: &Report, failures: &[Failure], folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    let data = serde_json::json!({ "failures": failures, "report": report });
    let json = serde_json::to_vec_pretty(&data).context("cannot write the report as JSON")?;
    let html = page::render_page(report, failures)?.into_bytes();

    let page = folder.join("simulate.html");
    for (path, bytes) in [(folder.join("simulate.json"), json), (page.clone(), html)] {
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(page)
}
