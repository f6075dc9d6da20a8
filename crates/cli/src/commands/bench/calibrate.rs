//! `nosana bench calibrate`: which bounds of a verification can be justified.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_bench::calibrate::{
    self, CalibrationConfig, InputSizes, RecordingConfig, record_device,
};

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
    /// File to write what an honest node of this machine computes, for --against on another
    /// machine or with another build. Nothing is compared
    #[arg(long, value_name = "FILE", conflicts_with_all = ["against", "out", "open"])]
    record: Option<PathBuf>,
    /// Device to record, by its number in `nosana node gpus`; defaults to the best GPU, or the CPU
    #[arg(long, value_name = "NUMBER", requires = "record")]
    gpu: Option<usize>,
    /// File of --record to compare with this machine's CPU, as one more honest way; may be given
    /// several times. Needs the --texts, --questions and --max-tokens of the recording. Without
    /// --variants, nothing but these files is compared
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    #[command(flatten)]
    page: PageOptions,
}

/// Measures, and prints both tables; with --record, writes the file instead. Fails if an honest run
/// exceeds a bound, or if a way to save work does not although the bounds claim to catch it.
pub fn calibrate_bounds(options: &CalibrateOptions) -> Result<()> {
    if let Some(file) = &options.record {
        return options.record_runs(file);
    }

    let variants = options.variants.as_ref();
    let config = CalibrationConfig {
        sizes: options.input_sizes(),
        variants: variants.map(|folder| ["embedding", "generation"].map(|name| folder.join(name))),
        against: options.against.clone(),
        out: options.page.out_folder()?,
        quiet: options.page.quiet,
    };
    let report = calibrate::run(&config)?;

    options.page.show_report(&report.render_text(), &report.page);

    let faults = report.find_faults();
    ensure!(faults.is_empty(), "the bounds do not hold:\n  {}", faults.join("\n  "));
    Ok(())
}

impl CalibrateOptions {
    fn input_sizes(&self) -> InputSizes {
        InputSizes {
            texts: self.texts.into(),
            questions: self.questions.into(),
            max_tokens: self.max_tokens.into(),
        }
    }

    /// Writes the file, and prints which device it is of.
    fn record_runs(&self, file: &Path) -> Result<()> {
        let config = RecordingConfig {
            sizes: self.input_sizes(),
            device: self.gpu,
            file: std::path::absolute(file).context("the file of the recording")?,
            quiet: self.page.quiet,
        };
        let device = record_device(&config)?;

        if !self.page.quiet {
            println!("{device}");
        }
        println!("{}", config.file.display());
        Ok(())
    }
}
