//! `nosana bench calibrate`: which bounds of a verification can be justified.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use nosana_bench::calibrate::{self, CalibrationConfig};

use super::page_options::PageOptions;

/// Configuration of the calibration.
#[derive(Debug, Args)]
pub struct CalibrateOptions {
    /// Texts to embed
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..))]
    texts: u16,
    /// Questions to answer
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..))]
    questions: u16,
    /// Most tokens of an answer: in a longer one, more of them can be nearly as likely as another
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    max_tokens: u16,
    /// Folder with variants of the models, in the folders `embedding` and `generation`: each GGUF
    /// file is a way to save work. `cargo xtask calibrate` makes them
    #[arg(long, value_name = "FOLDER", env = "NOSANA_CALIBRATION_VARIANTS")]
    variants: Option<PathBuf>,
    #[command(flatten)]
    page: PageOptions,
}

/// Measures, and prints both tables. Fails if an honest run exceeds a bound, or if a way to save
/// work does not although the bounds claim to catch it.
pub fn calibrate_bounds(options: &CalibrateOptions) -> Result<()> {
    let variants = options.variants.as_ref();
    let config = CalibrationConfig {
        texts: options.texts.into(),
        questions: options.questions.into(),
        max_tokens: options.max_tokens.into(),
        variants: variants.map(|folder| ["embedding", "generation"].map(|name| folder.join(name))),
        out: options.page.out_folder()?,
        quiet: options.page.quiet,
    };
    let report = calibrate::run(&config)?;

    options.page.show_report(&report.render_text(), &report.page);

    let faults = report.find_faults();
    ensure!(faults.is_empty(), "the bounds do not hold:\n  {}", faults.join("\n  "));
    Ok(())
}
