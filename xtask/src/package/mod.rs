//! `cargo xtask package`: one folder with `nosana` and llama.cpp's libraries for every kind of
//! processor of this architecture.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`compile`] | builds the program and the libraries, and finds them |
//! | [`assemble`] | the folder and its archive |
//! | [`installed`] | runs the program of a package |
//! | [`processors`] | which libraries this machine's processor supports |
//! | [`verify`] | tries the package with each library |

mod assemble;
mod compile;
mod installed;
mod processors;
mod verify;

use anyhow::Result;

use crate::gpu::Backend;

/// The program's file name.
const PROGRAM: &str = "nosana";
/// The folder of the libraries, beside the program.
const LIBRARIES: &str = "lib";
/// How the file names of the libraries for the CPU begin. What follows is the kind of processor.
const CPU_PREFIX: &str = "libggml-cpu-";
/// How the file names of the libraries end that llama.cpp loads itself, on every system.
const LOADED_SUFFIX: &str = ".so";

/// What to package.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Backend for GPUs that the package has beside the CPU's
    #[arg(long, value_enum)]
    backend: Option<Backend>,
    /// How the program is compiled; llama.cpp is optimized in both
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    profile: Profile,
    /// Also unpack the package, and compute the same answer with each library that this processor
    /// supports
    #[arg(long)]
    test: bool,
}

/// A profile of cargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Quickly, with what `cargo xtask demo` has compiled
    Dev,
    /// Optimized, for owners
    Release,
}

/// Builds the package, and tests it if the options say so.
pub fn make_package(options: &Options) -> Result<()> {
    let built = compile::build_program(options.profile, options.backend)?;
    let archive = assemble::assemble_package(&built, options.backend)?;

    if options.test {
        verify::test_package(&archive)?;
    }
    Ok(())
}

/// Returns the kind of processor that a library for the CPU is for, by its file name.
fn parse_variant(library: &str) -> Option<&str> {
    library.strip_prefix(CPU_PREFIX)?.strip_suffix(LOADED_SUFFIX)
}
