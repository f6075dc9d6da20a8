//! An sBPF v3 compiler from upstream parts, for machines that cannot download Agave's.
//!
//! Four parts, each pinned ([`pins`]) and each from a package registry:
//! - Debian's browser-grade Rust ([`compiler`]), because it comes with the matching source of std;
//! - that std, taught about Solana ([`patch`], [`sysroot`]): programs are built with a std of their
//!   own;
//! - LLVM with the BPF target as static libraries, from the Python package index;
//! - `sbpf-linker` from the crate registry ([`linker`]), which holds that LLVM: rustc hands it
//!   bitcode, and it does the code generation, since rustc's own, older LLVM refuses functions of
//!   more than five arguments.
//!
//! Both halves, linker and sysroot, are folders in the user's cache, named after what went into
//! them.

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

/// Features of the language and the package manager that stable Rust hides; std itself is built
/// with them.
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
    /// Finds the toolchain in the cache, or makes it.
    pub fn ensure() -> Result<Self> {
        bootstrap::ensure_toolchain()
    }

    /// Builds one program and returns where cargo put it.
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

    /// `cargo build` for the chain. The target folder carries the toolchain's key: cargo takes std
    /// for a dependency that never changes, and would keep one from an older toolchain.
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
            // Cargo looks through std's manifest for the target; ours is in no list.
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

/// The program's file, if this message of cargo's announces it.
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
