//! Agave's `cargo build-sbf`.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};

use crate::{layout, shell, workspace::Program};

/// The program to test the compiler with: it has no dependencies and builds in seconds.
const TEST_PROGRAM: &str = "toolchain-selftest";

/// Returns the version that `cargo build-sbf` prints; fails if it is not installed.
pub fn installed_version() -> Result<String> {
    shell::capture(build_command().arg("--version"))
}

/// Returns true if `cargo build-sbf` is installed and can build a program.
pub fn can_build(programs: &[Program]) -> bool {
    let Ok(version) = installed_version() else { return false };
    let test_program =
        programs.iter().find(|program| program.package == TEST_PROGRAM).or(programs.first());

    match test_program.map(build_program) {
        Some(Ok(_)) => true,
        Some(Err(error)) => {
            let name = version.lines().next().unwrap_or("cargo build-sbf");
            eprintln!(
                "{name} is installed but cannot build a program; \
                 using upstream's compiler instead: {error:#}"
            );
            false
        }
        None => false,
    }
}

/// Builds one program and returns the path of its file.
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
        bail!("cargo build-sbf succeeded but did not write {}", built.display());
    }
    Ok(built)
}

/// Returns the command without the outer cargo's settings, because it uses its own compiler.
fn build_command() -> Command {
    let mut command = shell::cargo();
    command.arg("build-sbf");

    for variable in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        command.env_remove(variable);
    }

    command
}
