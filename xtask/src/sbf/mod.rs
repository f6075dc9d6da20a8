//! Compilers for the chain's virtual machine (sBPF v3).
//!
//! Deployments use Agave's `cargo build-sbf`, which downloads its compiler from a release page.
//! Where that page is not reachable, the same sources build with upstream LLVM from package
//! registries ([`upstream`]).

mod platform_tools;
mod upstream;

use std::{fmt, path::PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Program;

/// The compiler to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Choice {
    /// Agave's if it works on this machine, else upstream's
    #[default]
    Auto,
    /// Agave's `cargo build-sbf`
    PlatformTools,
    /// Upstream Rust and LLVM, built on first use
    Upstream,
}

/// A compiler that is ready to use.
pub enum Toolchain {
    /// Agave's `cargo build-sbf`.
    PlatformTools,
    /// The toolchain from upstream parts.
    Upstream(upstream::Upstream),
}

impl Toolchain {
    /// The compiler's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PlatformTools => "platform-tools",
            Self::Upstream(_) => "upstream",
        }
    }

    /// Builds one program and returns the path of its file.
    pub fn build_program(&self, program: &Program) -> Result<PathBuf> {
        match self {
            Self::PlatformTools => platform_tools::build_program(program),
            Self::Upstream(upstream) => upstream.build_program(program),
        }
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlatformTools => f.write_str("Agave's cargo build-sbf"),
            Self::Upstream(upstream) => upstream.fmt(f),
        }
    }
}

/// Prepares the chosen compiler. [`Choice::Auto`] builds the smallest program with Agave's to find
/// out whether it works: the command can be installed while its compiler cannot be downloaded.
pub fn select_toolchain(choice: Choice, programs: &[Program]) -> Result<Toolchain> {
    let use_platform_tools = match choice {
        Choice::Upstream => false,
        Choice::PlatformTools => {
            platform_tools::installed_version()
                .context("cannot run `cargo build-sbf`; install Agave's tools")?;
            true
        }
        Choice::Auto => platform_tools::can_build(programs),
    };

    Ok(if use_platform_tools {
        Toolchain::PlatformTools
    } else {
        Toolchain::Upstream(upstream::Upstream::ensure()?)
    })
}
