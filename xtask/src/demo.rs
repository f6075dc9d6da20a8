//! `cargo xtask demo` and `cargo xtask bench`: everything that has to exist first, then the
//! `nosana` binary.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::{build, layout, sbf, setup, shell};

/// Builds programs and host side, runs `nosana <command> <args>`, and passes on its exit status.
pub fn run_nosana(
    command: impl Iterator<Item = &'static str>,
    args: &[String],
) -> Result<ExitCode> {
    setup::install_packages()?;
    build::build_programs(sbf::Choice::Auto)?;
    build_host()?;
    let binary = layout::target_folder().join("debug/nosana");
    let status = shell::set_headless(&mut Command::new(&binary))
        .args(command)
        .args(args)
        .env("SBF_OUT_DIR", layout::deploy_folder())
        .status()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Builds the host workspace. Always the whole of it: cargo unites the features of what it builds
/// together, and a smaller selection would compile many of the dependencies once more.
pub fn build_host() -> Result<()> {
    shell::run(shell::cargo().args(["build", "--workspace"]).current_dir(layout::root_folder()))
}
