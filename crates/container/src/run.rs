//! One container, from its image to its end.

use std::{
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use nosana_sandbox::{GRACE, Limit};

use crate::{
    ContainerError, Engine, Job, Outcome, Request, engine::PATIENCE, error::io,
    leftovers::new_name, logs::Logs,
};

/// How often a container is looked at.
const PERIOD: Duration = Duration::from_millis(10);
/// How long to wait for the image of what has no time limit.
const LONGEST: Duration = Duration::from_secs(86_400);
/// The exit code of shells for what cannot be run.
const CANNOT_RUN: u8 = 127;

/// Why waiting ended.
enum End {
    Exited,
    Stopped,
    Cancelled,
    Over(Limit),
}

impl Job<'_> {
    /// Runs one container to its end and removes it. Containers of one job can run at the same
    /// time.
    ///
    /// # Errors
    /// If the image cannot be fetched, the engine fails, or it is cancelled, or to end before it
    /// began. What the container does is an outcome.
    pub fn run(&self, request: &Request<'_>) -> Result<Outcome, ContainerError> {
        let engine = self.engine;
        if request.gpu && !engine.has_gpu {
            return Err(ContainerError::NoGpu);
        }
        let (started, begun) = (SystemTime::now(), Instant::now());
        let until = begun.checked_add(request.limits.time).unwrap_or(begun + LONGEST);
        engine.fetch(request.image, until, request.cancel)?;
        for mount in request.mounts {
            self.ensure_volume(mount.name)?;
        }
        let name = new_name();
        let arguments = engine.create_arguments(&name, request, |volume| self.volume_name(volume));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let container = Container { engine, name };
        let outcome = |exit_code, limit, stopped, logs: Logs, kept| {
            let log_truncated = logs.truncated();
            let kept_logs = logs.into_kept(&request.limits);
            let (log, stdout, stderr) = (kept_logs.log, kept_logs.stdout, kept_logs.stderr);
            Outcome {
                exit_code,
                limit,
                stopped,
                started,
                elapsed: begun.elapsed(),
                log,
                stdout,
                stderr,
                log_truncated,
                kept,
            }
        };
        match engine.call_with(&arguments, &[], PATIENCE, request.cancel) {
            Ok(_) => {}
            // The trial showed that this engine makes containers: it is the definition that asks
            // for what cannot be.
            Err(ContainerError::Engine { problem, .. }) => {
                let logs = Logs::default();
                logs.read(format!("{problem}\n").as_bytes(), true, &request.limits);
                return Ok(outcome(Some(CANNOT_RUN), None, false, logs, None));
            }
            Err(error) => return Err(error),
        }
        let logs = Logs::passed_on(request.live);
        let end = container.start(request, begun, &logs)?;
        let stopped = matches!(end, End::Stopped);
        let limit = match end {
            End::Cancelled => return Err(ContainerError::Cancelled),
            End::Over(limit) => Some(limit),
            End::Exited if logs.truncated() && !request.limits.keeps_end => Some(Limit::Output),
            End::Exited | End::Stopped => None,
        };
        let state = container.state()?;
        let limit = limit.or(state.out_of_memory.then_some(Limit::Memory));
        let exit_code = limit.is_none().then_some(state.exit_code.unwrap_or(CANNOT_RUN));
        let kept = request.output.map(|path| engine.keep(&container.name, path));
        Ok(outcome(exit_code, limit, stopped, logs, kept))
    }
}

/// How a container ended, as the engine tells it.
struct State {
    /// None if it never began.
    exit_code: Option<u8>,
    out_of_memory: bool,
}

/// A container that was made. It is removed when this is dropped.
struct Container<'a> {
    engine: &'a Engine,
    name: String,
}

impl Container<'_> {
    /// Starts it, reads what it prints, and returns when it has ended.
    fn start(
        &self,
        request: &Request<'_>,
        begun: Instant,
        logs: &Logs,
    ) -> Result<End, ContainerError> {
        let mut command = self.engine.command();
        command
            .args(["start", "--attach", &self.name])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(io("start the container engine"))?;
        let outputs = (child.stdout.take(), child.stderr.take());
        let limits = &request.limits;
        thread::scope(|scope| {
            scope.spawn(move || outputs.0.map(|from| logs.read(from, false, limits)));
            scope.spawn(move || outputs.1.map(|from| logs.read(from, true, limits)));
            let end = watch(&mut child, request, begun, logs);
            if matches!(end, Ok(End::Stopped)) {
                // SIGTERM first; the engine kills what is still there afterwards. If it refuses, so
                // does `kill`.
                let _ = self.engine.call(&["stop", "-t", &GRACE.as_secs().to_string(), &self.name]);
            }
            if !matches!(end, Ok(End::Exited)) {
                self.kill(&mut child)?;
            }
            let waited = child.wait().map_err(io("wait for the container engine"));
            waited.and(end)
        })
    }

    /// Kills it until `start` has returned as well. Once is not enough: engines refuse to kill a
    /// container that is only just being started, and it would then run for as long as it likes.
    fn kill(&self, start: &mut Child) -> Result<(), ContainerError> {
        let deadline = Instant::now() + PATIENCE;
        while start.try_wait().map_err(io("wait for the container engine"))?.is_none() {
            // It may have ended by itself in between.
            let _ = self.engine.call(&["kill", &self.name]);
            if Instant::now() > deadline {
                // The engine hangs. The container is removed when this is dropped, or by the next
                // node.
                let _ = start.kill();
            }
            thread::sleep(PERIOD);
        }
        Ok(())
    }

    fn state(&self) -> Result<State, ContainerError> {
        let format = "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}";
        let told =
            self.engine.call(&["inspect", "--type=container", "--format", format, &self.name])?;
        let mut words = told.split_whitespace();
        let (status, code, memory) = (words.next(), words.next(), words.next());
        let code = code
            .and_then(|code| code.parse::<i64>().ok())
            .map(|code| u8::try_from(code).unwrap_or(u8::MAX));
        Ok(State {
            exit_code: code.filter(|_| status != Some("created")),
            out_of_memory: memory == Some("true"),
        })
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        // Nobody can be told; the next node on this host tries again.
        let _ = self.engine.call(&["rm", "--force", "--volumes", &self.name]);
    }
}

fn watch(
    child: &mut Child,
    request: &Request<'_>,
    begun: Instant,
    logs: &Logs,
) -> Result<End, ContainerError> {
    let Request { limits, cancel, .. } = request;
    loop {
        if child.try_wait().map_err(io("wait for the container engine"))?.is_some() {
            return Ok(End::Exited);
        }
        if cancel.is_cancelled() {
            return Ok(End::Cancelled);
        }
        if cancel.is_ending() {
            return Ok(End::Stopped);
        }
        if logs.truncated() && !limits.keeps_end {
            return Ok(End::Over(Limit::Output));
        }
        if begun.elapsed() > limits.time {
            return Ok(End::Over(Limit::Time));
        }
        thread::sleep(PERIOD);
    }
}
