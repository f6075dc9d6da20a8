//! The steps of `cargo xtask test`.

use std::{fs, path::Path, process::Command, time::SystemTime};

use anyhow::{Context, Result, bail};

use super::{Outcome, Step};
use crate::{build, demo, idl, layout, sbf, setup, shell, workspace};

/// All steps, in order.
pub const STEPS: &[Step] = &[
    Step {
        name: "setup",
        about: "system packages and Node.js are there",
        run: || done(setup::everything()),
    },
    Step { name: "fmt", about: "both workspaces are formatted", run: || done(fmt()) },
    Step {
        name: "build-programs",
        about: "every program compiles for the chain",
        run: || done(build::programs(sbf::Choice::Auto)),
    },
    Step {
        name: "programs-lint",
        about: "clippy on the on-chain workspace",
        run: || done(programs_lint()),
    },
    Step {
        name: "programs-test",
        about: "unit tests of the on-chain workspace",
        run: || done(programs_test()),
    },
    Step {
        name: "idl",
        about: "the committed IDLs say what the code says",
        run: || done(idl::check()),
    },
    Step { name: "build", about: "the host workspace compiles", run: || done(demo::host()) },
    Step { name: "lint", about: "clippy on the host workspace", run: || done(lint()) },
    Step {
        name: "test",
        about: "tests of the host workspace, with the real programs",
        run: || done(test()),
    },
    Step {
        name: "features",
        about: "the programs on a runtime with every feature, also those that mainnet has not activated",
        run: || done(features()),
    },
    Step { name: "typescript", about: "clients in TypeScript", run: typescript },
    Step {
        name: "ipfs",
        about: "content goes through IPFS nodes that somebody else wrote",
        run: || done(ipfs()),
    },
];

/// A check that has something to check.
fn done(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed)
}

/// Cargo in the on-chain workspace.
fn in_programs(arguments: &[&str]) -> Command {
    let mut cargo = shell::cargo();
    cargo.args(arguments).current_dir(layout::programs());
    cargo
}

/// Cargo in the host workspace.
fn in_root(arguments: &[&str]) -> Command {
    let mut cargo = shell::cargo();
    cargo.args(arguments).current_dir(layout::root()).env("OPENSSL_NO_VENDOR", "1");
    cargo
}

fn fmt() -> Result<()> {
    shell::run(&mut in_root(&["fmt", "--all", "--check"]))?;
    shell::run(&mut in_programs(&["fmt", "--all", "--check"]))
}

fn programs_lint() -> Result<()> {
    shell::run(&mut in_programs(&[
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

/// With the features and flags that the IDL is built with, so that the next step finds all
/// dependencies compiled.
fn programs_test() -> Result<()> {
    let described = workspace::programs()?.into_iter().filter(|program| program.has_idl);
    let features: Vec<String> =
        described.map(|program| format!("{}/idl-build", program.package)).collect();
    let mut cargo = in_programs(&["test", "--locked", "--workspace", "--features"]);
    shell::run(cargo.arg(features.join(",")).env("RUSTFLAGS", "-A warnings"))
}

/// Clippy as the compiler of our own crates only. `cargo clippy` would check some nine hundred
/// dependencies anew, since what it makes of them cannot be used by a build; this way they are the
/// ones that are built already.
fn lint() -> Result<()> {
    let bin = shell::cargo_bin().context("run this through cargo: `cargo xtask test`")?;
    let driver = bin.join("clippy-driver");
    if !driver.is_file() {
        bail!("no clippy beside {}: run `rustup component add clippy`", bin.display());
    }
    let mut cargo = in_root(&["build", "--locked", "--workspace", "--all-targets", "--keep-going"]);
    shell::run(
        cargo
            .env("RUSTC_WORKSPACE_WRAPPER", driver)
            .env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings"),
    )
}

fn test() -> Result<()> {
    let mut cargo = in_root(&["test", "--locked", "--workspace"]);
    shell::run(
        shell::headless(&mut cargo).env("SBF_OUT_DIR", layout::deploy()).env("RUST_LOG", "error"),
    )
}

/// The suites that run on LiteSVM, once more with all features.
fn features() -> Result<()> {
    let mut cargo = in_root(&["test", "--locked", "--workspace"]);
    for suite in ["refusals", "attacks", "states", "admin", "fuzz", "stakers"] {
        cargo.args(["--test", suite]);
    }
    shell::run(cargo.env("SBF_OUT_DIR", layout::deploy()).env("NOSANA_FEATURES", "all"))
}

fn typescript() -> Result<Outcome> {
    let folder = layout::root().join("tests/typescript");
    if !folder.is_dir() {
        return Ok(Outcome::Nothing("there are none"));
    }
    install(&folder)?;
    let mut npm = npm(&folder, &["test"]);
    npm.env("SBF_OUT_DIR", layout::deploy())
        .env("NOSANA_BIN", layout::target().join("debug/nosana"));
    shell::run(with_node(&mut npm)?)?;
    Ok(Outcome::Passed)
}

/// The store against js-ipfs. Every other run of the host's tests lists this one as ignored: it
/// needs packages from npm.
fn ipfs() -> Result<()> {
    install(&layout::root().join("tests/ipfs"))?;
    let mut cargo =
        in_root(&["test", "--locked", "--workspace", "--test", "ipfs_node", "--", "--ignored"]);
    shell::run(with_node(&mut cargo)?)
}

/// npm in this folder.
fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    shell::headless(npm.args(arguments)).current_dir(folder);
    npm
}

/// Lets a command find a Node.js that is recent enough.
fn with_node(command: &mut Command) -> Result<&mut Command> {
    if let Some(node) = setup::node()? {
        command.env("PATH", shell::path_with(&node)?);
    }
    Ok(command)
}

/// Installs the npm packages that the folder's lock file names.
fn install(folder: &Path) -> Result<()> {
    if installed(folder) {
        return Ok(());
    }
    shell::run(with_node(&mut npm(folder, &["ci", "--no-audit", "--no-fund"]))?)
}

/// Whether npm has installed what the lock file says: it keeps a lock file of its own among what it
/// installs.
fn installed(folder: &Path) -> bool {
    let changed = |file: &str| -> Option<SystemTime> {
        fs::metadata(folder.join(file)).ok()?.modified().ok()
    };
    match (changed("package-lock.json"), changed("node_modules/.package-lock.json")) {
        (Some(wanted), Some(installed)) => installed >= wanted,
        _ => false,
    }
}
