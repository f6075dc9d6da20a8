//! What one operation, or one step of it, prints, and how its ports are reached.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use nosana_job_spec::ExposedPort;
use nosana_sandbox::{Observer, PortAccess};

use super::run::LiveRun;

/// An operation or a step that runs. Its ports are closed when this is dropped.
#[derive(Debug)]
pub(crate) struct OutputSource<'a> {
    run: &'a LiveRun,
    name: String,
    ports: Vec<u16>,
    is_running: AtomicBool,
}

impl LiveRun {
    /// Announces an operation or a step that exposes `ports`, and observes it.
    pub(crate) fn observe_source(&self, name: String, ports: &[ExposedPort]) -> OutputSource<'_> {
        self.announce_source(&name);
        let ports = ports.iter().map(|port| port.port).collect();
        OutputSource { run: self, name, ports, is_running: AtomicBool::new(false) }
    }
}

impl OutputSource<'_> {
    /// The ports that it exposes.
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// It has ended, so its ports are closed and its time is counted.
    fn end_run(&self) {
        self.set_access(None);
        if self.is_running.swap(false, Ordering::Relaxed) {
            self.run.lock_run_time().end_running(Instant::now());
        }
    }

    fn set_access(&self, access: Option<PortAccess>) {
        for port in self.ports.iter().filter_map(|port| self.run.find_port(*port)) {
            port.set_access(access.clone());
        }
    }
}

impl Observer for OutputSource<'_> {
    fn on_start(&self) {
        if !self.is_running.swap(true, Ordering::Relaxed) {
            self.run.lock_run_time().add_running(Instant::now());
        }
    }

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
        self.end_run();
    }
}

impl Drop for OutputSource<'_> {
    fn drop(&mut self) {
        self.end_run();
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, net::SocketAddr, thread::sleep, time::Duration};

    use nosana_job_spec::{JobDefinition, Operation};
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_time_of_the_run_itself_counts() {
        let run = LiveRun::service(&JobDefinition::new(Vec::new()));
        let pause = Duration::from_millis(30);

        let begun = Instant::now();
        let source = run.observe_source("web".to_owned(), &[]);
        sleep(pause);
        assert_eq!(run.take_run_time(), Duration::ZERO, "its files are copied");
        source.on_start();
        sleep(pause);
        source.on_end();
        let ended = begun.elapsed();
        sleep(pause);
        drop(source);

        let ran = run.take_run_time();
        assert!(ran >= pause && ran + pause <= ended, "its output is packed: {ran:?}");
        assert_eq!(run.take_run_time(), Duration::ZERO);
    }

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
