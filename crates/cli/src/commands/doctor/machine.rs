//! Checks of what a node needs of its machine.

use nosana_container::{ContainerConfig, Engine};
use nosana_engine::Device;
use nosana_sandbox::{Sandbox, SandboxConfig};

use super::finding::Finding;

/// Checks GPU, sandbox and container engine. Blocks while they are tried.
pub fn check_machine() -> Vec<Finding> {
    vec![check_gpu(), check_sandbox(), check_containers()]
}

fn check_gpu() -> Finding {
    match Device::open() {
        Ok(gpu) => Finding::good("GPU", gpu.info().to_string()),
        Err(error) => Finding::missing("GPU", error.to_string()),
    }
}

/// Runs one command in a sandbox.
fn check_sandbox() -> Finding {
    let opened = SandboxConfig::from_env().and_then(Sandbox::open);
    match opened {
        Ok(sandbox) => {
            let network = if sandbox.gives_network() { "with" } else { "without" };
            let memory = sandbox.enforcement().memory;
            Finding::good("sandbox", format!("works, {network} network; memory: {memory}"))
        }
        Err(error) => Finding::missing("sandbox", format!("{error}; without it no command runs")),
    }
}

/// Runs one container.
fn check_containers() -> Finding {
    match Engine::open(ContainerConfig::from_env()) {
        Ok(engine) => {
            let gpu = if engine.has_gpu() { "with" } else { "without" };
            let (kind, version) = (engine.kind(), engine.version());
            Finding::good("containers", format!("{kind} {version} works, {gpu} a GPU"))
        }
        Err(error) => {
            Finding::missing("containers", format!("{error}; without one no container runs"))
        }
    }
}
