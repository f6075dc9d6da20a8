//! Which ports of a replica are ready, by its node's last report.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use nosana_job_spec::{ContentId, ExposedPort, ServiceReport};
use nosana_store::Store;
use serde::Serialize;

/// The longest time of reading a report; reading goes on when the command ends.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest report. It has 16 KiB of a log, which JSON may make six times as long.
const MAX_REPORT_BYTES: u64 = 1 << 20;

/// The ports of a replica, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    ports: Vec<PortReadiness>,
}

/// A port that a replica exposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PortReadiness {
    /// The port.
    pub port: u16,
    /// Whether it can be used.
    pub ready: bool,
    /// Whether the definition has health checks of it. Without any, a port may stay closed.
    pub checked: bool,
}

impl Readiness {
    /// What a report says about these ports.
    pub fn new(exposed: &[ExposedPort], ready_ports: &[u16]) -> Self {
        let ready_ports: HashSet<u16> = ready_ports.iter().copied().collect();

        let ports = exposed.iter().map(|exposed| PortReadiness {
            port: exposed.port,
            ready: ready_ports.contains(&exposed.port),
            checked: !exposed.health_checks.is_empty(),
        });
        Self { ports: ports.collect() }
    }

    /// The ports.
    pub fn ports(&self) -> &[PortReadiness] {
        &self.ports
    }

    /// Whether all ports that have health checks are ready. `None` if no port has any.
    pub fn is_healthy(&self) -> Option<bool> {
        let mut checked = self.ports.iter().filter(|port| port.checked).peekable();
        checked.peek()?;
        Some(checked.all(|port| port.ready))
    }

    /// How many ports are ready. `None` if the replica exposes none.
    pub fn describe(&self) -> Option<String> {
        let ready = self.ports.iter().filter(|port| port.ready).count();
        let all = self.ports.len();
        (all > 0).then(|| format!("ready {ready} of {all} ports"))
    }
}

/// Reads a report of a job with this definition. What is not in the store's folder is fetched, the
/// definition into the folder, the report beside it: there is another one with each heartbeat. May
/// block for some seconds.
///
/// # Errors
/// If one of them cannot be read, or the report is about another service.
pub fn read_readiness(
    store: Store,
    definition: &ContentId,
    report: &ContentId,
) -> Result<Readiness> {
    let store = store.with_deadline(Instant::now() + READ_TIMEOUT);
    let exposed = store.get_definition(definition)?.exposed_ports();

    let bytes = if store.has_file(report) {
        store.get(report, MAX_REPORT_BYTES)?
    } else {
        let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
        store.in_folder(folder.path())?.get(report, MAX_REPORT_BYTES)?
    };
    let report: ServiceReport = serde_json::from_slice(&bytes).context("it is not a report")?;
    ensure!(report.definition == *definition, "the node's report is about another service");
    Ok(Readiness::new(&exposed, &report.ready_ports))
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::JobDefinition;
    use serde_json::json;

    use super::*;

    fn definition() -> JobDefinition {
        let steps = json!([{ "name": "serve", "run": "serve" }]);
        let checked = json!({ "port": 8080, "health_checks": [{ "type": "tcp" }] });
        let args = json!({ "steps": steps, "expose": [checked, 9000] });
        let ops = json!([{ "id": "web", "type": "command/run", "args": args }]);
        serde_json::from_value(json!({ "version": "nosana/1", "ops": ops })).unwrap()
    }

    #[test]
    fn only_ports_with_health_checks_are_judged() {
        let exposed = definition().exposed_ports();
        let healthy = |ready: &[u16]| Readiness::new(&exposed, ready).is_healthy();
        assert_eq!(healthy(&[8080]), Some(true), "nothing has to listen on 9000");
        assert_eq!(healthy(&[9000]), Some(false));
        assert_eq!(healthy(&[]), Some(false));

        assert_eq!(Readiness::new(&exposed[1..], &[]).is_healthy(), None);
        assert_eq!(Readiness::new(&[], &[]).is_healthy(), None);
    }

    #[test]
    fn how_many_ports_are_ready_is_said() {
        let exposed = definition().exposed_ports();
        let readiness = Readiness::new(&exposed, &[9000]);
        assert_eq!(readiness.describe().unwrap(), "ready 1 of 2 ports");
        assert_eq!(Readiness::new(&[], &[]).describe(), None);

        let ports = json!([
            { "port": 8080, "ready": false, "checked": true },
            { "port": 9000, "ready": true, "checked": false },
        ]);
        assert_eq!(serde_json::to_value(readiness.ports()).unwrap(), ports);
    }

    #[test]
    fn a_report_of_another_service_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let id = store.put_json(&definition()).unwrap();
        let put = |of: ContentId| {
            let report = ServiceReport::new(of, 5, b"up", 2, 0).with_ready_ports(vec![8080]);
            store.put_json(&report).unwrap()
        };

        let read = |report: &ContentId| read_readiness(store.clone(), &id, report);
        assert_eq!(read(&put(id)).unwrap().is_healthy(), Some(true));
        assert!(read(&put(ContentId::from_digest([9; 32]))).is_err());
        assert!(read(&id).is_err(), "it has another form");
        assert!(read(&ContentId::from_digest([8; 32])).is_err(), "nobody has it");
    }
}
