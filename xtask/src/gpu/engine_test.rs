//! The tests that run models on a backend for GPUs.

use std::{env, process::Command};

use anyhow::Result;

use super::{
    detect::{Backend, detect_gpu},
    vulkan,
};
use crate::{layout, shell};

/// The variable of ggml that names the devices of Vulkan to use.
const VULKAN_DEVICES: &str = "GGML_VK_VISIBLE_DEVICES";
/// The variable of Vulkan's loader that names the drivers to use, by a pattern of their files.
const VULKAN_DRIVERS: &str = "VK_LOADER_DRIVERS_SELECT";
/// Mesa's driver that runs on the CPU.
const SOFTWARE_DRIVER: &str = "*lvp*";

/// The engine's test.
const ENGINE_TEST: &str = "gpu";
/// The test of jobs on a local network.
const MARKET_TEST: &str = "end_to_end";

/// Runs the engine's test on a backend, with this cargo.
pub fn run_engine_test(cargo: &mut Command, backend: Backend) -> Result<()> {
    run_tests(cargo, backend, &[ENGINE_TEST])
}

/// Runs the engine's test on a backend, with this cargo, and then jobs on a local network with the
/// compiled programs.
pub fn run_market_test(cargo: &mut Command, backend: Backend) -> Result<()> {
    cargo.env("SBF_OUT_DIR", layout::deploy_folder());
    run_tests(cargo, backend, &[ENGINE_TEST, MARKET_TEST])
}

/// Cargo unifies the features of the packages that it selects. With the whole workspace, only
/// llama.cpp, its bindings, the engine and what depends on it differ from those of every other
/// build.
fn run_tests(cargo: &mut Command, backend: Backend, tests: &[&str]) -> Result<()> {
    let feature = format!("nosana-engine/{}", backend.feature());
    cargo.args(["test", "--locked", "--workspace", "--features", &feature]);
    for test in tests {
        cargo.arg("--test").arg(test);
    }
    // A driver that runs on the CPU takes all cores.
    cargo.args(["--", "--nocapture", "--test-threads", "1"]);

    shell::run(shell::set_headless(cargo).env("NOSANA_TEST_BACKEND", backend.feature()))
}

/// Names Mesa's driver for the CPU on a machine without a GPU: ggml uses it only if it is named.
pub fn name_software_driver(cargo: &mut Command) {
    if env::var_os(VULKAN_DEVICES).is_none() && detect_gpu().is_none() {
        cargo.env(VULKAN_DEVICES, "0");
    }
}

/// Installs what these tests need on Vulkan, without a password, and has it use Mesa's driver for
/// the CPU alone, whether or not the machine has a GPU. Returns why this machine cannot have what is
/// missing, if it cannot.
///
/// # Errors
/// If the installation fails on a machine that can.
pub fn prepare_software_vulkan(cargo: &mut Command) -> Result<Option<&'static str>> {
    if !vulkan::can_ensure_toolkit() {
        return Ok(Some("Vulkan's packages require apt, and root or sudo without a password"));
    }

    if let Err(error) = vulkan::ensure_toolkit(cargo) {
        let Some(obstacle) = vulkan::find_obstacle() else { return Err(error) };
        eprintln!("{error:#}");
        return Ok(Some(obstacle));
    }

    cargo.env(VULKAN_DRIVERS, SOFTWARE_DRIVER).env(VULKAN_DEVICES, "0");
    Ok(None)
}
