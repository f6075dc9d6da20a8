//! `cargo xtask demo` and `cargo xtask bench`: build everything that the `nosana` binary needs,
//! then run it.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::{build, layout, peer, sbf, setup, shell};

/// Builds the programs and the host workspace, runs `nosana <command> <args>`, and returns its exit
/// status.
pub fn run_nosana(
    command: impl Iterator<Item = &'static str>,
    args: &[String],
) -> Result<ExitCode> {
    build_nosana()?;

    let mut nosana = nosana_command();
    nosana.args(command).args(args);
    if args.first().is_some_and(|argument| argument == peer::BENCHMARK) {
        peer::set_peer(&mut nosana)?;
    }

    let status = nosana.status().context("cannot start `nosana`")?;

    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Builds the programs and the host workspace, after installing what that needs.
pub fn build_nosana() -> Result<()> {
    setup::install_packages()?;
    build::build_programs(sbf::Choice::Auto)?;

    build_host()
}

/// Returns a command that runs the built `nosana` with the built programs.
pub fn nosana_command() -> Command {
    let mut nosana = Command::new(layout::target_folder().join("debug/nosana"));
    shell::set_headless(&mut nosana).env("SBF_OUT_DIR", layout::deploy_folder());

    nosana
}

/// The command that builds `nosana` for owners without a GPU.
pub const BUILD_COMMAND: &str = "cargo build --release --package nosana-cli";

/// Builds the whole host workspace, never a part of it: cargo unifies the features of the packages
/// that it builds together, so a smaller selection would compile many dependencies again.
pub fn build_host() -> Result<()> {
    shell::run(shell::cargo().args(["build", "--workspace"]).current_dir(layout::root_folder()))
}
