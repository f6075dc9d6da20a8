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

    fn on_end(&self) {
        self.set_access(None);
    }
}

impl Drop for OutputSource<'_> {
    fn drop(&mut self) {
        self.set_access(None);
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, net::SocketAddr};

    use nosana_job_spec::{JobDefinition, Operation};
    use serde_json::json;

    use super::*;

    #[test]
    fn nobody_reaches_the_ports_of_an_operation_that_has_ended() {
        let operation = json!({
            "id": "web",
            "type": "container/run",
            "args": { "image": "a", "expose": 80 },
        });
        let operation: Operation = serde_json::from_value(operation).unwrap();
        let exposed = operation.exposed_ports();
        let run = LiveRun::service(&JobDefinition::new(vec![operation]));
        let has_access = || run.find_port(80).unwrap().access().is_some();
        let address: SocketAddr = "127.0.0.1:49153".parse().unwrap();
        let access = || PortAccess::Published(BTreeMap::from([(80, address)]));

        let source = run.observe_source("web".to_owned(), &exposed);
        source.on_network(Ok(access()));
        assert!(has_access());
        source.on_end();
        assert!(!has_access(), "what it wrote may still be read for minutes");

        // It begins again.
        source.on_network(Ok(access()));
        assert!(has_access());
        drop(source);
        assert!(!has_access());
    }
}
