//! Agave's `cargo build-sbf`.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};

use crate::{layout, shell, workspace::Program};

/// The program that shows whether the compiler works: no dependencies, built in seconds.
const PROBE: &str = "toolchain-selftest";

/// What it calls itself, if it is installed.
pub fn installed_version() -> Result<String> {
    shell::capture(build_command().arg("--version"))
}

/// Whether it is installed and can build a program.
pub fn can_build(programs: &[Program]) -> bool {
    let Ok(version) = installed_version() else { return false };
    let probe = programs.iter().find(|program| program.package == PROBE).or(programs.first());
    match probe.map(build_program) {
        Some(Ok(_)) => true,
        Some(Err(error)) => {
            let name = version.lines().next().unwrap_or("cargo build-sbf");
            eprintln!(
                "{name} is installed but does not work here, so upstream's compiler is used: {error:#}"
            );
            false
        }
        None => false,
    }
}

/// Builds one program.
pub fn build_program(program: &Program) -> Result<PathBuf> {
    let output = layout::target_folder().join("sbf-build/platform-tools");
    shell::run(
        build_command()
            .args(["--arch", "v3", "--manifest-path"])
            .arg(&program.manifest)
            .arg("--sbf-out-dir")
            .arg(&output)
            .current_dir(layout::programs_folder()),
    )?;
    let built = output.join(format!("{}.so", program.library));
    if !built.is_file() {
        bail!("cargo build-sbf succeeded but left no {}", built.display());
    }
    Ok(built)
}

/// The command, free of the outer cargo's settings: it brings a compiler of its own.
fn build_command() -> Command {
    let mut command = shell::cargo();
    command.arg("build-sbf");
    for variable in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        command.env_remove(variable);
    }
    command
}
