//! What this machine can run, as the node's account reports it.

use nosana_job_spec::{Capabilities, Capability};

use super::executor::Executor;

/// Bytes in a MiB, as a shift.
const MIB_SHIFT: u32 = 20;

impl Executor {
    /// Returns what this machine can run. Opens the sandbox and the container engine, if that has
    /// not been done.
    pub fn find_capabilities(&self) -> Capabilities {
        let sandbox = self.open_sandbox().ok();
        let engine = self.containers.open_engine().ok();
        let memory_bytes = sandbox.map_or(0, |sandbox| sandbox.host_resources().memory_bytes);
        // Zero would read as not reported.
        let memory_mib = u32::try_from(memory_bytes >> MIB_SHIFT).unwrap_or(u32::MAX).max(1);

        Capabilities::new(memory_mib)
            .with_capability(Capability::Commands, sandbox.is_some())
            .with_capability(
                Capability::Network,
                sandbox.is_some_and(nosana_sandbox::Sandbox::gives_network),
            )
            .with_capability(Capability::Containers, engine.is_some())
            .with_capability(
                Capability::ContainerGpus,
                engine.is_some_and(nosana_container::Engine::has_gpu),
            )
    }
}
