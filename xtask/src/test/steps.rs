//! The steps of `cargo xtask test`.

use std::{fs, path::Path, process::Command, time::SystemTime};

use anyhow::{Context, Result, bail};

use super::{Outcome, RunsIn, Step};
use crate::{build, demo, idl, layout, sbf, setup, shell, style, workspace};

/// All steps, in order.
pub const STEPS: &[Step] = &[
    Step {
        name: "setup",
        about: "system packages and Node.js are installed",
        runs_in: RunsIn::Test,
        run: || passed(setup::install_everything()),
    },
    Step {
        name: "fmt",
        about: "both workspaces are formatted",
        runs_in: RunsIn::Both,
        run: || passed(check_format()),
    },
    Step {
        name: "spelling",
        about: "American English, by _typos.toml",
        runs_in: RunsIn::Both,
        run: || passed(style::check_spelling()),
    },
    Step {
        name: "wording",
        about: "no turn that xtask/wording.txt refuses",
        runs_in: RunsIn::Both,
        run: || passed(style::check_wording()),
    },
    Step {
        name: "style",
        about: "the figures of STYLE.md hold their bounds",
        runs_in: RunsIn::Both,
        run: || passed(style::check_figures()),
    },
    Step {
        name: "protocol",
        about: "clippy and unit tests of the rules",
        runs_in: RunsIn::Check,
        run: || passed(test_protocol()),
    },
    Step {
        name: "build-programs",
        about: "every program compiles for the chain",
        runs_in: RunsIn::Test,
        run: || passed(build::build_programs(sbf::Choice::Auto)),
    },
    Step {
        name: "programs-lint",
        about: "clippy on the on-chain workspace",
        runs_in: RunsIn::Both,
        run: || passed(lint_programs()),
    },
    Step {
        name: "programs-test",
        about: "unit tests of the on-chain workspace",
        runs_in: RunsIn::Both,
        run: || passed(test_programs()),
    },
    Step {
        name: "idl",
        about: "the committed IDLs match the code",
        runs_in: RunsIn::Test,
        run: || passed(idl::check_idls()),
    },
    Step {
        name: "build",
        about: "the host workspace compiles",
        runs_in: RunsIn::Test,
        run: || passed(demo::build_host()),
    },
    Step {
        name: "lint",
        about: "clippy on the host workspace",
        runs_in: RunsIn::Test,
        run: || passed(lint_host()),
    },
    Step {
        name: "test",
        about: "tests of the host workspace, with the real programs",
        runs_in: RunsIn::Test,
        run: || passed(test_host()),
    },
    Step {
        name: "features",
        about: "the programs on a runtime with every feature, also those that mainnet has not activated",
        runs_in: RunsIn::Test,
        run: || passed(test_features()),
    },
    Step {
        name: "typescript",
        about: "clients in TypeScript",
        runs_in: RunsIn::Test,
        run: test_typescript,
    },
    Step {
        name: "ipfs",
        about: "content goes through IPFS nodes of another implementation",
        runs_in: RunsIn::Test,
        run: || passed(test_ipfs()),
    },
];

/// The outcome of a check that is never skipped.
fn passed(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed)
}

/// Cargo in the on-chain workspace.
fn programs_cargo(arguments: &[&str]) -> Command {
    let mut cargo = shell::cargo();
    cargo.args(arguments).current_dir(layout::programs_folder());
    cargo
}

/// Cargo in the host workspace.
fn host_cargo(arguments: &[&str]) -> Command {
    let mut cargo = shell::cargo();
    cargo.args(arguments).current_dir(layout::root_folder()).env("OPENSSL_NO_VENDOR", "1");
    cargo
}

fn check_format() -> Result<()> {
    shell::run(&mut host_cargo(&["fmt", "--all", "--check"]))?;
    shell::run(&mut programs_cargo(&["fmt", "--all", "--check"]))
}

fn lint_programs() -> Result<()> {
    shell::run(&mut programs_cargo(&[
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--keep-going",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Clippy and unit tests of the protocol crate alone.
fn test_protocol() -> Result<()> {
    let package = ["--locked", "--package", "nosana-protocol"];
    let mut clippy = host_cargo(&["clippy", "--all-targets"]);
    shell::run(clippy.args(package).args(["--", "-D", "warnings"]))?;

    shell::run(host_cargo(&["test"]).args(package))
}

/// With the features and flags that the IDL is built with, so that the next step finds all
/// dependencies compiled.
fn test_programs() -> Result<()> {
    let described = workspace::list_programs()?.into_iter().filter(|program| program.has_idl);
    let features: Vec<String> =
        described.map(|program| format!("{}/idl-build", program.package)).collect();
    let mut cargo = programs_cargo(&["test", "--locked", "--workspace", "--features"]);
    shell::run(cargo.arg(features.join(",")).env("RUSTFLAGS", "-A warnings"))
}

/// Runs clippy as the compiler of this workspace's crates. `cargo clippy` would check some nine
/// hundred dependencies again, because a build cannot use its metadata; this way it uses the
/// dependencies that are built already.
fn lint_host() -> Result<()> {
    let bin = shell::cargo_bin().context("run this through cargo: `cargo xtask test`")?;
    let driver = bin.join("clippy-driver");
    if !driver.is_file() {
        bail!("no clippy beside {}: run `rustup component add clippy`", bin.display());
    }
    let mut cargo =
        host_cargo(&["build", "--locked", "--workspace", "--all-targets", "--keep-going"]);
    shell::run(
        cargo
            .env("RUSTC_WORKSPACE_WRAPPER", driver)
            .env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings"),
    )
}

fn test_host() -> Result<()> {
    let mut cargo = host_cargo(&["test", "--locked", "--workspace"]);
    shell::run(
        shell::set_headless(&mut cargo)
            .env("SBF_OUT_DIR", layout::deploy_folder())
            .env("RUST_LOG", "error"),
    )
}

/// The suites that run on LiteSVM, once more with all features.
fn test_features() -> Result<()> {
    let mut cargo = host_cargo(&["test", "--locked", "--workspace"]);
    for suite in ["refusals", "attacks", "states", "admin", "fuzz", "stakers"] {
        cargo.args(["--test", suite]);
    }
    shell::run(cargo.env("SBF_OUT_DIR", layout::deploy_folder()).env("NOSANA_FEATURES", "all"))
}

fn test_typescript() -> Result<Outcome> {
    let folder = layout::root_folder().join("tests/typescript");
    if !folder.is_dir() {
        return Ok(Outcome::Skipped("there are none"));
    }
    install_packages(&folder)?;
    let mut npm = npm_command(&folder, &["test"]);
    npm.env("SBF_OUT_DIR", layout::deploy_folder())
        .env("NOSANA_BIN", layout::target_folder().join("debug/nosana"));
    shell::run(with_node(&mut npm)?)?;
    Ok(Outcome::Passed)
}

/// The store against js-ipfs. Every other run of the host's tests lists this one as ignored: it
/// needs packages from npm.
fn test_ipfs() -> Result<()> {
    install_packages(&layout::root_folder().join("tests/ipfs"))?;
    let mut cargo =
        host_cargo(&["test", "--locked", "--workspace", "--test", "ipfs_node", "--", "--ignored"]);
    shell::run(with_node(&mut cargo)?)
}

/// npm in this folder.
fn npm_command(folder: &Path, arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    shell::set_headless(npm.args(arguments)).current_dir(folder);
    npm
}

/// Lets a command find a Node.js that is recent enough.
fn with_node(command: &mut Command) -> Result<&mut Command> {
    if let Some(node) = setup::ensure_node()? {
        command.env("PATH", shell::path_with(&node)?);
    }
    Ok(command)
}

/// Installs the npm packages that the folder's lock file names.
fn install_packages(folder: &Path) -> Result<()> {
    if is_installed(folder) {
        return Ok(());
    }
    shell::run(with_node(&mut npm_command(folder, &["ci", "--no-audit", "--no-fund"]))?)
}

/// Whether npm has installed what the lock file says: it keeps a lock file of its own among what it
/// installs.
fn is_installed(folder: &Path) -> bool {
    let changed = |file: &str| -> Option<SystemTime> {
        fs::metadata(folder.join(file)).ok()?.modified().ok()
    };
    match (changed("package-lock.json"), changed("node_modules/.package-lock.json")) {
        (Some(wanted), Some(installed)) => installed >= wanted,
        _ => false,
    }
}
