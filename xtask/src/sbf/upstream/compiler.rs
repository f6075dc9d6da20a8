//! Debian's `rustc-web`: a Rust that Debian keeps recent in its stable releases (to build
//! browsers), published together with the source of its own std, which no other registry offers.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::pins;
use crate::{
    setup::{Package, apt},
    shell,
};

/// Where Debian puts the compiler.
pub const RUSTC: &str = "/usr/bin/rustc";

/// Where Debian puts the source of the standard library.
pub const LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";

const COMPILER: &str = "rustc-web";
const SOURCE: &str = "rust-web-src";

/// What the toolchain takes from Debian.
const PACKAGES: &[Package] = &[
    Package { debian: COMPILER, command: None, why: "the compiler for on-chain programs" },
    Package { debian: SOURCE, command: None, why: "the source of its standard library" },
    Package {
        debian: "zlib1g-dev",
        command: None,
        why: "the linker's LLVM reads compressed sections",
    },
    Package {
        debian: "libzstd-dev",
        command: None,
        why: "the linker's LLVM reads compressed sections",
    },
];

const OTHERWISE: &str = "Install Agave's tools instead (`cargo build-sbf` must work), or build in a Debian 12 container";

/// Installs the compiler if it is missing, and describes it exactly: the description is part of the
/// toolchain's key.
pub fn ensure_compiler() -> Result<String> {
    if !apt::has_apt() {
        bail!(
            "on-chain programs need a compiler: this system has neither `cargo build-sbf` nor Debian's packages. {OTHERWISE}"
        );
    }
    apt::ensure_packages(PACKAGES).with_context(|| {
        format!("no {COMPILER} from this system's package sources. {OTHERWISE}")
    })?;
    let (compiler, source) = (apt::installed_version(COMPILER), apt::installed_version(SOURCE));
    if compiler != source {
        bail!(
            "{COMPILER} {} and {SOURCE} {} do not match: run `apt-get install {COMPILER} {SOURCE}`",
            compiler.unwrap_or_default(),
            source.unwrap_or_default()
        );
    }
    if !Path::new(LIBRARY).is_dir() {
        bail!(
            "{SOURCE} is installed but {LIBRARY} is not there: run `apt-get install --reinstall {SOURCE}`"
        );
    }
    let said = shell::capture(Command::new(RUSTC).args(["--version", "--verbose"]))?;
    if field_of(&said, "release").is_none_or(|release| !release.starts_with(pins::RUST)) {
        eprintln!(
            "note: Debian's Rust is no longer {}: if an edit of std does not fit, mend the edit",
            pins::RUST
        );
    }
    Ok(said)
}

/// The machine's own target triple, as the compiler names it.
pub fn host_triple() -> Result<String> {
    let said = shell::capture(Command::new(RUSTC).args(["--version", "--verbose"]))?;
    field_of(&said, "host").map(str::to_owned).context("rustc does not name its host")
}

/// One line of `rustc --version --verbose`.
fn field_of<'a>(said: &'a str, name: &str) -> Option<&'a str> {
    said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
