//! The step that runs models on a backend for GPUs.

use anyhow::Result;

use super::{cargo_checks::clippy_cargo, step::Outcome};
use crate::gpu::{self, Backend};

/// Runs the engine's test and jobs on a local network on Vulkan's driver for the CPU. Where that
/// cannot be installed, the outcome says so; any other failure to install it is an error.
pub fn test_vulkan() -> Result<Outcome> {
    let mut cargo = clippy_cargo(&[])?;
    if let Some(obstacle) = gpu::prepare_software_vulkan(&mut cargo)? {
        eprintln!("{obstacle}");
        return Ok(Outcome::Skipped(
            "NOTICE: Vulkan's packages cannot be installed here, so models ran on the CPU's \
             backend alone; as root on Debian 12 (not tried on Ubuntu 24.04, which lists the same \
             packages): apt-get install glslc spirv-headers libvulkan-dev mesa-vulkan-drivers",
        ));
    }

    gpu::run_market_test(&mut cargo, Backend::Vulkan)?;
    Ok(Outcome::Passed)
}
