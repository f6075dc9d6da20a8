//! Checks of what a node needs of its machine.

use nosana_container::{ContainerConfig, Engine};
use nosana_engine::{Device, DeviceInfo, DeviceKind};
use nosana_sandbox::{Sandbox, SandboxConfig};

use super::finding::Finding;
use crate::commands::unused_gpu::find_unused_gpu;

/// Checks GPU, sandbox and container engine. Blocks while they are tried.
pub fn check_machine() -> Vec<Finding> {
    vec![check_gpu(), check_sandbox(), check_containers()]
}

fn check_gpu() -> Finding {
    match Device::open() {
        Ok(device) => judge_device(device.info(), find_unused_gpu()),
        Err(error) => Finding::missing("GPU", error.to_string()),
    }
}

/// Judges the device that runs models, beside a GPU that does not.
fn judge_device(info: &DeviceInfo, unused_gpu: Option<String>) -> Finding {
    match (info.kind, unused_gpu) {
        (DeviceKind::Discrete | DeviceKind::Integrated, _) => {
            Finding::good("GPU", info.to_string())
        }
        (DeviceKind::Cpu | DeviceKind::Software, None) => {
            Finding::good("GPU", format!("none; models run on {info}"))
        }
        (DeviceKind::Cpu | DeviceKind::Software, Some(advice)) => {
            Finding::advice("GPU", format!("{advice}; until then, models run on {info}"))
        }
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

#[cfg(test)]
mod tests {
    use super::{super::finding::Outcome, *};

    #[test]
    fn a_processor_is_not_reported_as_a_gpu() {
        let info = |kind| DeviceInfo { name: "device".into(), backend: "cpu".into(), kind };
        let cpu = info(DeviceKind::Cpu);

        let plain = judge_device(&cpu, None);
        assert_eq!(plain.outcome, Outcome::Good);
        assert!(plain.text.starts_with("none"), "{}", plain.text);

        let unused = judge_device(&cpu, Some("run it".into()));
        assert_eq!(unused.outcome, Outcome::Advice, "the node works without it");
        assert!(unused.text.starts_with("run it"), "{}", unused.text);

        let used = judge_device(&info(DeviceKind::Discrete), None);
        assert_eq!((used.outcome, used.text.as_str()), (Outcome::Good, "device (cpu)"));
    }
}
