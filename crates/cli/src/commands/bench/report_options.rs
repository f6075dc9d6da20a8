//! Options that every benchmark has.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use nosana_bench::demo::DemoConfig;

use super::open_page;

/// The programs, the time limit, and how the report is shown.
#[derive(Debug, Args)]
pub struct ReportOptions {
    /// Folder with the compiled programs; defaults to target/deploy of this checkout
    #[arg(long, env = "SBF_OUT_DIR")]
    programs: Option<PathBuf>,
    /// Seconds to wait for each event, such as the next job
    #[arg(long, default_value_t = DemoConfig::default().patience.as_secs())]
    patience: u64,
    /// Do not open the page in a browser
    #[arg(long)]
    no_open: bool,
    /// Print only the page's path
    #[arg(long)]
    pub quiet: bool,
}

impl ReportOptions {
    /// Returns the folder with the compiled programs.
    pub fn programs_folder(&self) -> PathBuf {
        self.programs.clone().unwrap_or_else(|| DemoConfig::default().programs)
    }

    /// Returns the time limit for each event.
    pub const fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }

    /// Prints the report and the page's path, and opens the page on a terminal.
    pub fn show_report(&self, text: &str, page: &Path) {
        if !self.quiet {
            println!("{text}");
        }
        println!("{}", page.display());
        if !self.no_open && std::io::stdout().is_terminal() {
            open_page(page);
        }
    }
}
