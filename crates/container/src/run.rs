//! Runs one container, from fetching its image to its end.

use std::time::{Duration, Instant, SystemTime};

use nosana_sandbox::Limit;

use crate::{
    ContainerError, ContainerJob, ContainerOutcome, ContainerRequest, EndedContainer,
    container::{Container, EndReason},
    create::NotCreated,
    leftovers::unique_name,
    logs::Logs,
};

/// How long to wait for an image if the time limit is larger than the clock can represent.
const MAX_FETCH_TIME: Duration = Duration::from_secs(86_400);
/// The exit code of shells for a program that cannot be run.
const CANNOT_RUN: u8 = 127;

/// When a container was started, and how long it ran: without the copies into and out of it, which
/// say nothing about how stable it is.
#[derive(Clone, Copy)]
struct RunTime {
    started: SystemTime,
    elapsed: Duration,
}

/// How a run ended.
struct End {
    exit_code: Option<u8>,
    limit: Option<Limit>,
    stopped: bool,
}

impl ContainerJob<'_> {
    /// Runs one container to its end, packs its output, and removes it.
    ///
    /// # Errors
    /// Like [`run_unpacked`](Self::run_unpacked).
    pub fn run(&self, request: &ContainerRequest<'_>) -> Result<ContainerOutcome, ContainerError> {
        self.run_unpacked(request, || ()).map(EndedContainer::pack_output)
    }

    /// Runs one container to its end. It is removed with the returned value, and only that packs
    /// its output. Containers of one job can run concurrently. `before_start` is called once the
    /// container and its files are there, right before it starts.
    ///
    /// # Errors
    /// If the image cannot be fetched, the engine fails, or the work is cancelled, or stopped
    /// before the container began. The failure of the container itself is an outcome.
    pub fn run_unpacked(
        &self,
        request: &ContainerRequest<'_>,
        before_start: impl FnOnce(),
    ) -> Result<EndedContainer<'_>, ContainerError> {
        let engine = self.engine;
        if request.gpu && !engine.has_gpu {
            return Err(ContainerError::NoGpu);
        }
        engine.check_ports(request.ports)?;

        let begun = Instant::now();
        let until = begun.checked_add(request.limits.time);
        let until = until.unwrap_or(begun + MAX_FETCH_TIME);
        engine.fetch_image(request.image, until, request.cancel)?;
        let mounts = request.mounts.iter();
        let volumes = mounts
            .map(|mount| self.ensure_volume(mount.name))
            .collect::<Result<Vec<String>, ContainerError>>()?;

        let network = self.network_holder().map(str::to_owned);
        let container = Container { engine, name: unique_name(), network };
        if let Err(NotCreated { problem, is_stopped }) = container.create(request, &volumes)? {
            let logs = Logs::default();
            logs.read_output(format!("{problem}\n").as_bytes(), true, &request.limits);
            let exit_code = Some(CANNOT_RUN);
            let end = End { exit_code, limit: None, stopped: is_stopped };
            let time = RunTime { started: SystemTime::now(), elapsed: Duration::ZERO };
            return Ok(make_outcome(time, end, logs).into());
        }

        before_start();
        let logs = Logs::with_observer(request.observer);
        let started = SystemTime::now();
        let run_begun = Instant::now();
        if let Some(observer) = request.observer {
            observer.on_start();
        }
        let reason = container.run_to_end(request, begun, &logs)?;
        let time = RunTime { started, elapsed: run_begun.elapsed() };
        if let Some(observer) = request.observer {
            observer.on_end();
        }

        let stopped = matches!(reason, EndReason::Stopped);
        let limit = match reason {
            EndReason::Cancelled => return Err(ContainerError::Cancelled),
            EndReason::Exceeded(limit) => Some(limit),
            EndReason::Exited | EndReason::Stopped => None,
        };

        let state = container.inspect_state()?;
        if state.exit_code.is_none() && limit.is_none() && !stopped {
            // It never started. If no other does either, that is not the definition's fault.
            engine.check_engine()?;
        }
        let limit = limit.or(state.out_of_memory.then_some(Limit::Memory));
        let exit_code = limit.is_none().then_some(state.exit_code.unwrap_or(CANNOT_RUN));
        let outcome = make_outcome(time, End { exit_code, limit, stopped }, logs);

        Ok(match request.output.map(str::to_owned) {
            Some(path) => EndedContainer::new(outcome, move || container.keep_path(&path)),
            None => outcome.into(),
        })
    }
}

fn make_outcome(time: RunTime, end: End, logs: Logs<'_>) -> ContainerOutcome {
    let log_truncated = logs.is_truncated();
    let logs = logs.into_kept();

    ContainerOutcome {
        exit_code: end.exit_code,
        limit: end.limit,
        stopped: end.stopped,
        started: time.started,
        elapsed: time.elapsed,
        log: logs.log,
        stdout: logs.stdout,
        stderr: logs.stderr,
        log_truncated,
        kept: None,
    }
}
