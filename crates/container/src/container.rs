//! A container that the engine has created: starts, watches, kills and removes it.

use std::{
    process::{Child, Stdio},
    sync::mpsc::channel,
    thread,
    time::{Duration, Instant},
};

use nosana_sandbox::{Limit, STOP_GRACE};

use crate::{
    ContainerError, ContainerRequest, Engine, KeptPath, call::CALL_TIMEOUT, error::io,
    failed_removals::ItemKind, logs::Logs,
};

/// How often a container is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Why a container is no longer watched.
pub(crate) enum EndReason {
    Exited,
    Stopped,
    Cancelled,
    Exceeded(Limit),
}

/// How a container ended, as the engine reports it.
pub(crate) struct ContainerExit {
    /// `None` if it never started.
    pub exit_code: Option<u8>,
    pub out_of_memory: bool,
}

/// A container. It is removed on drop.
#[derive(Debug)]
pub(crate) struct Container<'a> {
    pub engine: &'a Engine,
    pub name: String,
    /// The container whose network it shares, if it has none of its own.
    pub network: Option<String>,
}

impl Container<'_> {
    /// Starts the container, reads its output, and returns when it has ended.
    pub fn run_to_end(
        &self,
        request: &ContainerRequest<'_>,
        begun: Instant,
        logs: &Logs<'_>,
    ) -> Result<EndReason, ContainerError> {
        let mut command = self.engine.base_command();
        command.args(["start", "--attach", &self.name]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(io("start the container engine"))?;
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();

        let limits = &request.limits;
        thread::scope(|scope| {
            scope.spawn(move || stdout.map(|output| logs.read_output(output, false, limits)));
            scope.spawn(move || stderr.map(|output| logs.read_output(output, true, limits)));
            let (keep_looking, stop_looking) = channel::<()>();
            if let Some(observer) = request.observer.filter(|_| !request.ports.is_empty()) {
                scope.spawn(move || self.report_ports(request.ports, observer, &stop_looking));
            }

            let reason = watch_container(&mut child, request, begun);
            if matches!(reason, Ok(EndReason::Stopped)) {
                // SIGTERM first; the engine kills what still runs afterwards. If it refuses, so
                // does `kill`.
                let grace_seconds = STOP_GRACE.as_secs().to_string();
                let _ = self.engine.call(&["stop", "-t", &grace_seconds, &self.name]);
            }
            if !matches!(reason, Ok(EndReason::Exited)) {
                self.kill_until_ended(&mut child)?;
            }

            let waited = child.wait().map_err(io("wait for the container engine"));
            drop(keep_looking);
            waited.and(reason)
        })
    }

    /// Kills the container until `start` has returned as well. Once is not enough: engines refuse
    /// to kill a container that is only just being started, and it would then continue to run.
    fn kill_until_ended(&self, start: &mut Child) -> Result<(), ContainerError> {
        let deadline = Instant::now() + CALL_TIMEOUT;
        while start.try_wait().map_err(io("wait for the container engine"))?.is_none() {
            // Fails if it has ended by itself in between.
            let _ = self.engine.call(&["kill", &self.name]);
            if Instant::now() > deadline {
                // The engine hangs. The container is removed on drop, or later.
                let _ = start.kill();
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(())
    }

    /// Packs a path of the container.
    pub fn keep_path(&self, path: &str) -> Result<KeptPath, String> {
        self.engine.keep_path(&self.name, path)
    }

    pub fn inspect_state(&self) -> Result<ContainerExit, ContainerError> {
        let format = "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}";
        let arguments = ["inspect", "--type=container", "--format", format, &self.name];
        let printed = self.engine.call(&arguments)?;

        let mut words = printed.split_whitespace();
        let status = words.next();
        let exit_code = words.next();
        let out_of_memory = words.next();

        let exit_code = exit_code
            .and_then(|code| code.parse::<i64>().ok())
            .map(|code| u8::try_from(code).unwrap_or(u8::MAX));
        Ok(ContainerExit {
            exit_code: exit_code.filter(|_| status != Some("created")),
            out_of_memory: out_of_memory == Some("true"),
        })
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        self.engine.discard_item(ItemKind::Container, &self.name);
    }
}

/// Watches a container until it has ended, must end or exceeds a limit.
fn watch_container(
    child: &mut Child,
    request: &ContainerRequest<'_>,
    begun: Instant,
) -> Result<EndReason, ContainerError> {
    let ContainerRequest { limits, cancel, .. } = request;
    loop {
        if child.try_wait().map_err(io("wait for the container engine"))?.is_some() {
            return Ok(EndReason::Exited);
        }
        if cancel.is_cancelled() {
            return Ok(EndReason::Cancelled);
        }
        if cancel.is_ending() {
            return Ok(EndReason::Stopped);
        }
        if begun.elapsed() > limits.time {
            return Ok(EndReason::Exceeded(Limit::Time));
        }

        thread::sleep(POLL_INTERVAL);
    }
}
