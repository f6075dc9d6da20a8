//! `nosana bench calibrate`: which bounds of a verification can be justified.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use nosana_bench::calibrate::{self, CalibrationConfig};

use super::open_page;

/// Configuration of the calibration.
#[derive(Debug, Args)]
pub struct CalibrateOptions {
    /// Texts to embed
    #[arg(long, default_value_t = 1_000)]
    texts: usize,
    /// Questions to answer
    #[arg(long, default_value_t = 200)]
    questions: usize,
    /// Folder with variants of the models, in the folders `embedding` and `generation`: each GGUF
    /// file is a way to save work. `cargo xtask calibrate` makes them
    #[arg(long, value_name = "FOLDER", env = "NOSANA_CALIBRATION_VARIANTS")]
    variants: Option<PathBuf>,
    /// Folder for the page and its data
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Open the page in a browser
    #[arg(long)]
    open: bool,
    /// Print only the page's path
    #[arg(long)]
    quiet: bool,
}

/// Measures, and prints both tables.
pub fn calibrate_bounds(options: &CalibrateOptions) -> Result<()> {
    let variants = options.variants.as_ref();
    let config = CalibrationConfig {
        texts: options.texts,
        questions: options.questions,
        variants: variants.map(|folder| ["embedding", "generation"].map(|name| folder.join(name))),
        out: std::path::absolute(&options.out).context("the folder of the report")?,
        quiet: options.quiet,
    };
    let report = calibrate::run(&config)?;

    if !options.quiet {
        println!("{}", report.render_text());
    }
    println!("{}", report.page.display());
    if options.open {
        open_page(&report.page);
    }
    Ok(())
}
