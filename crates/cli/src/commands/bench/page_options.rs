//! Options of the benchmarks that write one page and its data.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::open_page;

/// Where the page is written, and how the report is shown.
#[derive(Debug, Args)]
pub struct PageOptions {
    /// Folder for the page and its data
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Open the page in a browser
    #[arg(long)]
    open: bool,
    /// Print only the page's path
    #[arg(long)]
    pub quiet: bool,
}

impl PageOptions {
    /// Returns the folder for the page and its data as an absolute path.
    ///
    /// # Errors
    /// If the path is empty, or the current folder cannot be read.
    pub fn out_folder(&self) -> Result<PathBuf> {
        std::path::absolute(&self.out).context("the folder of the report")
    }

    /// Prints the report and the page's path, and opens the page with `--open`.
    pub fn show_report(&self, text: &str, page: &Path) {
        if !self.quiet {
            // The last table of a report ends with a line break.
            println!("{}\n", text.trim_end());
        }
        println!("{}", page.display());
        if self.open {
            open_page(page);
        }
    }
}
