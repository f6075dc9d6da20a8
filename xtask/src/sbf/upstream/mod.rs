//! An sBPF v3 compiler from upstream parts, for machines that cannot download Agave's.
//!
//! Four parts, each pinned ([`pins`]) and each from a package registry:
//! - Debian's Rust for browsers ([`compiler`]), because Debian also packages the matching source of
//!   std;
//! - that std, patched for Solana ([`patch`], [`sysroot`]): each program builds its own std;
//! - LLVM with the BPF target as static libraries, from the Python package index;
//! - `sbpf-linker` from the crate registry ([`linker`]), which includes that LLVM: rustc emits
//!   bitcode and the linker generates the code, because rustc's own, older LLVM refuses functions
//!   with more than five arguments.
//!
//! The linker and the sysroot are two folders in the user's cache, named after their inputs.

mod bootstrap;
mod compiler;
mod linker;
mod patch;
mod pins;
mod sysroot;
mod target;

use std::{
    fmt,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    layout, shell,
    workspace::{Program, makes_shared_library},
};

/// Unstable cargo features that a custom std and a target specification require.
const UNSTABLE: &[&str] = &[
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=compiler-builtins-mem",
    "-Zjson-target-spec",
];

/// A toolchain that is ready to use.
pub struct Upstream {
    folder: PathBuf,
    linker: PathBuf,
    key: String,
}

impl Upstream {
    /// Returns the toolchain, and builds it if the cache does not have it.
    pub fn ensure() -> Result<Self> {
        bootstrap::ensure_toolchain()
    }

    /// Builds one program and returns the path of its file.
    pub fn build_program(&self, program: &Program) -> Result<PathBuf> {
        let mut cargo = self.cargo_command();
        cargo.args(["--package", &program.package, "--message-format", "json-render-diagnostics"]);

        let mut child = cargo.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
        let messages = child.stdout.take().context("cargo has no output")?;

        let mut built = None;
        for line in BufReader::new(messages).lines() {
            let message: Value = serde_json::from_str(&line?).unwrap_or_default();
            built = shared_library(&message, &program.library).or(built);
        }

        let status = child.wait()?;
        if !status.success() {
            bail!("cargo build failed ({status}); the compiler's messages are above");
        }

        built.context("cargo succeeded but reported no shared library")
    }

    /// Returns a `cargo build` command for the chain. The toolchain's key is part of the target
    /// folder: cargo assumes that std never changes, and would reuse the one of an older toolchain.
    fn cargo_command(&self) -> Command {
        let mut cargo = shell::cargo();
        cargo.args(["build", "--release"]).args(UNSTABLE).current_dir(layout::programs_folder());
        cargo.arg("--target").arg(target::specification_path(&self.folder));
        cargo.arg("--target-dir").arg(layout::target_folder().join("sbf-build").join(&self.key));

        for variable in
            ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"]
        {
            cargo.env_remove(variable);
        }

        cargo
            .env("RUSTC", sysroot::rustc_path(&self.folder))
            .env("RUSTC_BOOTSTRAP", "1")
            // Cargo searches std's manifest for the target, which does not list ours.
            .env("RUSTC_BOOTSTRAP_SYNTHETIC_TARGET", "1")
            .env(target::cargo_variable("LINKER"), &self.linker)
            .env(target::cargo_variable("RUSTFLAGS"), target::FLAGS.join(" "));

        cargo
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "upstream Rust and LLVM ({})", self.folder.display())
    }
}

/// Returns the program's file if this message of cargo reports it.
fn shared_library(message: &Value, library: &str) -> Option<PathBuf> {
    let target = message.get("target")?;
    if message["reason"] != "compiler-artifact"
        || target["name"] != library
        || !makes_shared_library(target)
    {
        return None;
    }

    let files = message["filenames"].as_array()?;
    files.iter().filter_map(Value::as_str).find(|file| file.ends_with(".so")).map(PathBuf::from)
}
