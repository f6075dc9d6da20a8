//! Compilers for the chain's virtual machine (sBPF v3).
//!
//! People who deploy have Agave's `cargo build-sbf`, which downloads its compiler from a release
//! page. Where that page cannot be reached, the same sources build with upstream LLVM from package
//! registries ([`upstream`]).

mod platform_tools;
mod upstream;

use std::{fmt, path::PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Program;

/// Which compiler to take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Choice {
    /// Agave's where it works on this machine, else upstream's
    #[default]
    Auto,
    /// Agave's `cargo build-sbf`
    PlatformTools,
    /// Upstream Rust and LLVM, made ready on first use
    Upstream,
}

/// A compiler that is ready to use.
pub enum Toolchain {
    /// Agave's.
    PlatformTools,
    /// Ours, from upstream parts.
    Upstream(upstream::Upstream),
}

impl Toolchain {
    /// Builds one program and returns where cargo put it.
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

/// Makes the chosen compiler ready. To choose by itself it builds the smallest program with
/// Agave's: an installed command whose compiler cannot be downloaded is as good as none.
pub fn select_toolchain(choice: Choice, programs: &[Program]) -> Result<Toolchain> {
    let works = match choice {
        Choice::Upstream => false,
        Choice::PlatformTools => {
            platform_tools::installed_version()
                .context("no `cargo build-sbf` here: install Agave's tools")?;
            true
        }
        Choice::Auto => platform_tools::can_build(programs),
    };
    Ok(if works {
        Toolchain::PlatformTools
    } else {
        Toolchain::Upstream(upstream::Upstream::ensure()?)
    })
}
