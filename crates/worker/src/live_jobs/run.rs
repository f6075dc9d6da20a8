//! One run of a job, as clients see it while it lasts.

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use nosana_job_spec::{ExposedPort, JobDefinition, Salt};
use nosana_net::logs::{LogBounds, LogBuffer};
use nosana_sandbox::OutputTail;
use tokio::sync::watch;

use super::{dials::RunDials, port::LivePort, running_time::RunningTime};

/// How lines of the node begin, between those of operations.
const MARK: &str = "[node]";

/// A run: its log, and its ports. Clones share it.
#[derive(Clone, Debug)]
pub struct LiveRun(Arc<RunState>);

#[derive(Debug)]
struct RunState {
    log: LogBuffer,
    /// The end of what a service has printed, for the reports of its heartbeats; `None` for a batch
    /// job.
    report: Option<OutputTail>,
    printing: Mutex<Printing>,
    ports: BTreeMap<u16, LivePort>,
    salt: Option<Salt>,
    /// How often single operations were started again.
    restarts: AtomicU32,
    run_time: Mutex<RunningTime>,
    has_ended: watch::Sender<bool>,
}

/// Who prints, and whether a line is incomplete.
#[derive(Debug, Default)]
struct Printing {
    source: String,
    is_within_line: bool,
}

impl LiveRun {
    /// A run of a batch job.
    pub fn batch(definition: &JobDefinition) -> Self {
        Self::new(definition, None)
    }

    /// A run of a service.
    pub fn service(definition: &JobDefinition) -> Self {
        Self::new(definition, Some(OutputTail::default()))
    }

    fn new(definition: &JobDefinition, report: Option<OutputTail>) -> Self {
        let dials = Arc::new(RunDials::default());
        let ports = definition.exposed_ports().into_iter();
        let ports = ports.map(|port| (port.port, LivePort::new(port, Arc::clone(&dials))));
        let state = RunState {
            log: LogBuffer::new(LogBounds::default()),
            report,
            printing: Mutex::default(),
            ports: ports.collect(),
            salt: definition.salt,
            restarts: AtomicU32::new(0),
            run_time: Mutex::default(),
            has_ended: watch::Sender::new(false),
        };
        Self(Arc::new(state))
    }

    /// Whether the operations run until they are ended.
    pub fn is_service(&self) -> bool {
        self.0.report.is_some()
    }

    /// The log for clients who follow it.
    pub fn log(&self) -> &LogBuffer {
        &self.0.log
    }

    /// Returns the end of what a service has printed, and how many bytes that were in total.
    pub fn read_report(&self) -> (Vec<u8>, u64) {
        self.0.report.as_ref().map(OutputTail::read).unwrap_or_default()
    }

    /// The definition's salt, which reports repeat.
    pub fn salt(&self) -> Option<Salt> {
        self.0.salt
    }

    /// Counts that one operation was started again, while the others went on.
    pub fn add_restart(&self) {
        self.0.restarts.fetch_add(1, Ordering::Relaxed);
    }

    /// How often single operations were started again.
    pub fn restart_count(&self) -> u32 {
        self.0.restarts.load(Ordering::Relaxed)
    }

    /// Returns for how long operations have run since the last call: at least one of them, and
    /// without what precedes and follows their runs. Those that still run do not count.
    pub fn take_run_time(&self) -> Duration {
        self.lock_run_time().take_total()
    }

    pub(super) fn lock_run_time(&self) -> MutexGuard<'_, RunningTime> {
        self.0.run_time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody may use the run any more.
    pub(super) fn set_ended(&self) {
        self.0.has_ended.send_replace(true);
    }

    /// Waits until nobody may use the run any more.
    pub(super) async fn wait_for_end(&self) {
        let mut changes = self.0.has_ended.subscribe();
        // It fails only without the sender, which this run has.
        let _ = changes.wait_for(|has_ended| *has_ended).await;
    }

    /// Writes a line of the node.
    pub fn add_note(&self, text: impl Display) {
        let mut printing = self.0.printing.lock().unwrap_or_else(PoisonError::into_inner);
        self.write_line(&mut printing, &text);
    }

    /// Writes a line of the node that a service's reports have, too.
    pub fn report_note(&self, text: impl Display) {
        let mut printing = self.0.printing.lock().unwrap_or_else(PoisonError::into_inner);
        let line = self.write_line(&mut printing, &text);
        if let Some(report) = &self.0.report {
            report.push(line.as_bytes());
        }
    }

    /// Announces that `source` prints from here on.
    pub(super) fn announce_source(&self, source: &str) {
        let mut printing = self.0.printing.lock().unwrap_or_else(PoisonError::into_inner);
        self.write_line(&mut printing, &source);
        source.clone_into(&mut printing.source);
    }

    /// Writes what `source` prints. Announces it if another one printed before.
    pub(super) fn print(&self, source: &str, part: &[u8]) {
        if let Some(report) = &self.0.report {
            report.push(part);
        }

        let mut printing = self.0.printing.lock().unwrap_or_else(PoisonError::into_inner);
        if printing.source != source {
            self.write_line(&mut printing, &source);
            source.clone_into(&mut printing.source);
        }
        self.0.log.append(part);
        printing.is_within_line = part.last().is_some_and(|byte| *byte != b'\n');
    }

    /// The exposed ports, in order.
    pub(super) fn ports(&self) -> impl Iterator<Item = &LivePort> {
        self.0.ports.values()
    }

    pub(super) fn find_port(&self, port: u16) -> Option<&LivePort> {
        self.0.ports.get(&port)
    }

    /// The exposed ports that can be used, in order.
    pub fn ready_ports(&self) -> Vec<u16> {
        self.ports().filter(|port| port.is_ready()).map(LivePort::number).collect()
    }

    /// Whether the checks of all these ports have succeeded.
    pub fn are_ready(&self, ports: &[ExposedPort]) -> bool {
        ports.iter().all(|port| self.find_port(port.port).is_some_and(LivePort::is_ready))
    }

    /// Writes a line of the node, and returns it.
    fn write_line(&self, printing: &mut Printing, text: &dyn Display) -> String {
        let line_end = if printing.is_within_line { "\n" } else { "" };
        let line = format!("{line_end}{MARK} {text}\n");
        self.0.log.append(line.as_bytes());
        printing.is_within_line = false;
        line
    }
}

#[cfg(test)]
mod tests {
    use nosana_net::logs::LogPart;

    use super::*;

    async fn read_log(run: &LiveRun) -> String {
        run.log().complete();
        match run.log().reader(0).next_part().await {
            LogPart::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_reader_knows_who_prints() {
        let run = LiveRun::batch(&JobDefinition::new(Vec::new()));
        run.announce_source("ci / build");
        run.print("ci / build", b"made");
        run.print("ci / build", b" it\n");
        run.print("other", b"half a line");
        run.print("ci / build", b"more\n");
        run.add_note("port 80 is ready");

        let expected = "[node] ci / build\nmade it\n[node] other\nhalf a line\n\
                        [node] ci / build\nmore\n[node] port 80 is ready\n";
        assert_eq!(read_log(&run).await, expected);
        assert_eq!(run.read_report(), (Vec::new(), 0));
    }

    #[tokio::test]
    async fn reports_of_a_service_have_what_it_prints() {
        let run = LiveRun::service(&JobDefinition::new(Vec::new()));
        run.announce_source("web");
        run.print("web", b"up\n");
        run.report_note("port 80 is ready");

        assert_eq!(run.read_report().0, b"up\n[node] port 80 is ready\n");
        let log = read_log(&run).await;
        assert_eq!(log, "[node] web\nup\n[node] port 80 is ready\n");
    }
}
