//! Debian's `rustc-web`: a Rust that Debian updates in its stable releases in order to build
//! browsers. Debian also packages the source of its std, which no other registry offers.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::pins;
use crate::{
    setup::{Package, apt},
    shell,
};

/// Path of Debian's compiler.
pub const RUSTC: &str = "/usr/bin/rustc";

/// Path of Debian's source of the standard library.
pub const LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";

/// Debian package of the compiler.
const COMPILER: &str = "rustc-web";

/// Debian package of the standard library's source.
const SOURCE: &str = "rust-web-src";

/// The Debian packages that the toolchain needs.
const PACKAGES: &[Package] = &[
    Package { debian: COMPILER, command: None, why: "compiles the on-chain programs" },
    Package { debian: SOURCE, command: None, why: "contains the source of the standard library" },
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

/// The remedy on systems without these packages.
const ALTERNATIVE: &str = "install Agave's tools (`cargo build-sbf` must work) \
                           or build in a Debian 12 container";

/// Installs the compiler if it is missing, and returns its exact version, which is part of the
/// toolchain's key.
pub fn ensure_compiler() -> Result<String> {
    if !apt::has_apt() {
        bail!(
            "no compiler for on-chain programs: this system has neither a working \
             `cargo build-sbf` nor Debian's packages; {ALTERNATIVE}"
        );
    }
    apt::ensure_packages(PACKAGES).with_context(|| {
        format!("cannot install {COMPILER} from this system's package sources; {ALTERNATIVE}")
    })?;

    let compiler = apt::installed_version(COMPILER);
    let source = apt::installed_version(SOURCE);
    if compiler != source {
        bail!(
            "{COMPILER} {} and {SOURCE} {} do not match; run `apt-get install {COMPILER} {SOURCE}`",
            compiler.unwrap_or_default(),
            source.unwrap_or_default()
        );
    }
    if !Path::new(LIBRARY).is_dir() {
        bail!(
            "{SOURCE} is installed but {LIBRARY} is missing; \
             run `apt-get install --reinstall {SOURCE}`"
        );
    }

    let version = shell::capture(Command::new(RUSTC).args(["--version", "--verbose"]))?;
    if find_field(&version, "release").is_none_or(|release| !release.starts_with(pins::RUST)) {
        eprintln!(
            "note: Debian's Rust is no longer {}; \
             if an edit of std does not apply, update the edit",
            pins::RUST
        );
    }
    Ok(version)
}

/// Returns this machine's target triple, as the compiler prints it.
pub fn host_triple() -> Result<String> {
    let version = shell::capture(Command::new(RUSTC).args(["--version", "--verbose"]))?;
    find_field(&version, "host").map(str::to_owned).context("rustc does not print its host")
}

/// Returns the value of one line of `rustc --version --verbose`.
fn find_field<'a>(version: &'a str, name: &str) -> Option<&'a str> {
    version.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
