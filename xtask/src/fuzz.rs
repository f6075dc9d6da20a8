//! `cargo xtask fuzz`: the sequence fuzzing of the test command, for any number of operations.

use anyhow::Result;

use crate::{build, layout, sbf, setup, shell};

/// The length, seed and suite of a fuzzing run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Number of operations to try
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    operations: u64,
    /// Replay the sequences of this seed
    #[arg(long)]
    seed: Option<u64>,
    /// Suite to run: `fuzz` covers the marketplace, `stakers` covers staking and rewards
    #[arg(long, default_value = "fuzz", value_parser = ["fuzz", "stakers"])]
    suite: String,
}

/// Builds what is missing and runs the suite with its progress on this terminal.
pub fn run_fuzz(options: &Options) -> Result<()> {
    setup::install_packages()?;
    build::build_programs(sbf::Choice::Auto)?;

    let mut cargo = shell::cargo();
    cargo
        .args(["test", "--locked", "--workspace", "--test", &options.suite, "--", "--nocapture"])
        .current_dir(layout::root_folder())
        .env("OPENSSL_NO_VENDOR", "1")
        .env("SBF_OUT_DIR", layout::deploy_folder())
        .env("NOSANA_FUZZ_OPERATIONS", options.operations.to_string());
    if let Some(seed) = options.seed {
        cargo.env("NOSANA_FUZZ_SEED", seed.to_string());
    }

    shell::run(&mut cargo)
}
