//! What one operation, or one step of it, prints, and how its ports are reached.

use std::io;

use nosana_job_spec::ExposedPort;
use nosana_sandbox::{Observer, PortAccess};

use super::run::LiveRun;

/// An operation or a step that runs. Its ports are closed when this is dropped.
#[derive(Debug)]
pub(crate) struct OutputSource<'a> {
    run: &'a LiveRun,
    name: String,
    ports: Vec<u16>,
}

impl LiveRun {
    /// Announces an operation or a step that exposes `ports`, and observes it.
    pub(crate) fn observe_source(&self, name: String, ports: &[ExposedPort]) -> OutputSource<'_> {
        self.announce_source(&name);
        OutputSource { run: self, name, ports: ports.iter().map(|port| port.port).collect() }
    }
}

impl OutputSource<'_> {
    /// The ports that it exposes.
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }

    fn set_access(&self, access: Option<PortAccess>) {
        for port in self.ports.iter().filter_map(|port| self.run.find_port(*port)) {
            port.set_access(access.clone());
        }
    }
}

impl Observer for OutputSource<'_> {
    fn on_output(&self, part: &[u8]) {
        self.run.print(&self.name, part);
    }

    fn on_network(&self, ports: io::Result<PortAccess>) {
        match ports {
            Ok(access) => self.set_access(Some(access)),
            Err(_) if self.ports.is_empty() => {}
            Err(error) => {
                tracing::warn!(source = self.name, %error, "cannot reach an operation's ports");
                self.run.report_note(format_args!(
                    "this node cannot reach the ports of {}: {error}",
                    self.name
                ));
            }
        }
    }
}

impl Drop for OutputSource<'_> {
    fn drop(&mut self) {
        self.set_access(None);
    }
}
