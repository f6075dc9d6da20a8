//! `cargo xtask gpu`: builds `nosana` for this machine's GPU, after installing what that needs.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`graphics_card`] | which GPU this machine has; `nosana` has the same file |
//! | [`detect`] | by which backend models use it |
//! | [`engine_test`] | the tests that run models on a backend |
//! | [`vulkan`] | the compiler of shaders, and headers that are new enough |

mod detect;
mod engine_test;
// The engine itself would bring llama.cpp.
#[path = "../../../crates/engine/src/graphics_card.rs"]
mod graphics_card;
mod vulkan;

use std::process::Command;

use anyhow::{Error, Result, anyhow, bail};

use self::detect::detect_gpu;
pub use self::{
    detect::Backend,
    engine_test::{prepare_software_vulkan, run_market_test},
};
use crate::{demo, layout, setup, shell};

/// What to build.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Backend of the models; without it, that of the GPU that is found
    #[arg(long, value_enum)]
    backend: Option<Backend>,
    /// Say what would be installed and built, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Instead of building `nosana`, run the engine's test on the backend; with Vulkan, also on a
    /// machine whose driver runs it on the CPU
    #[arg(long)]
    test: bool,
}

/// Builds `nosana` with the backend, or tests it.
pub fn build_for_gpu(options: &Options) -> Result<()> {
    let backend = choose_backend(options.backend)?;
    let feature = backend.feature();
    if options.dry_run {
        println!("needs {}", backend.needs());
        println!("builds: cargo build --release --package nosana-cli --features {feature}");
        return Ok(());
    }

    setup::install_packages()?;
    let mut cargo = shell::cargo();
    cargo.current_dir(layout::root_folder());
    prepare_backend(&mut cargo, backend)?;

    if options.test {
        if backend == Backend::Vulkan {
            engine_test::name_software_driver(&mut cargo);
        }
        return engine_test::run_engine_test(&mut cargo, backend);
    }

    cargo.args(["build", "--locked", "--release", "--package", "nosana-cli"]);
    shell::run(cargo.args(["--features", feature]))?;
    let binary = layout::target_folder().join("release/nosana");
    println!("built {}; `nosana node gpus` lists what it can use", binary.display());
    Ok(())
}

/// Installs what a build with the backend needs, where that is possible, and points this cargo at
/// it.
pub fn prepare_backend(cargo: &mut Command, backend: Backend) -> Result<()> {
    match backend {
        Backend::Vulkan => vulkan::ensure_toolkit(cargo).map_err(|error| add_cpu_build(&error)),
        Backend::Cuda | Backend::Metal => Ok(()),
    }
}

fn choose_backend(wanted: Option<Backend>) -> Result<Backend> {
    match (wanted, detect_gpu()) {
        (Some(backend), _) => Ok(backend),
        (None, Some(found)) => {
            println!("found {}; builds for {}", found.description, found.backend.feature());
            Ok(found.backend)
        }
        (None, None) => bail!(
            "no GPU was found, and the CPU needs no other build: `{}` is enough; name a backend \
             with --backend to build it anyway",
            demo::BUILD_COMMAND
        ),
    }
}

/// Adds how to build without the GPU's backend to an error of its toolkit.
fn add_cpu_build(error: &Error) -> Error {
    anyhow!(
        "{error:#}; without Vulkan, `{}` builds `nosana`, which runs models on the CPU",
        demo::BUILD_COMMAND
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_toolkit_does_not_keep_anyone_from_a_build_for_the_cpu() {
        let missing = anyhow!("apt-get failed").context("glslc is missing");
        let text = add_cpu_build(&missing).to_string();
        assert!(text.starts_with("glslc is missing: apt-get failed; "), "{text}");
        assert!(text.contains("`cargo build --release --package nosana-cli`"), "{text}");
    }
}
