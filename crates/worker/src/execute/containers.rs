//! `container/run`: a job of containers, in groups.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{OnceLock, mpsc::channel},
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

use anyhow::{Context, Result, anyhow};
use nosana_container::{ContainerConfig, ContainerError, Engine, Job, Mount, Outcome, Request};
use nosana_job_spec::{
    Artifact, CommandOutput, ContainerArgs, Enforcement, LeftOut, Operation, OperationResult,
    ResultRule, StepOutput, stages,
};
use nosana_sandbox::{Cancel, Limit, Limits, Live};
use nosana_store::Store;

use super::{
    commands::{limits, status, stored},
    unix_ms,
};

/// The name under which what is kept of a container is found.
const KEPT: &str = "output.tar";

/// The container engine of this host.
#[derive(Default)]
pub(super) struct Containers {
    /// Opened when it is first needed, and again after it could not be.
    engine: OnceLock<Engine>,
}

impl Containers {
    /// The engine.
    ///
    /// # Errors
    /// If this host has none that works; the error says what its owner can change.
    pub fn engine(&self) -> Result<&Engine> {
        if let Some(engine) = self.engine.get() {
            return Ok(engine);
        }
        let engine =
            Engine::open(ContainerConfig::from_env()).context("this node cannot run containers")?;
        tracing::info!("containers run in {} {}", engine.kind(), engine.version());
        Ok(self.engine.get_or_init(|| engine))
    }

    /// The engine's storage, if it is known to work and on this machine.
    pub fn storage(&self) -> Option<&Path> {
        self.engine.get()?.storage()
    }

    /// Whether this host can run such a container, its image included, which is fetched if it is
    /// not here `until` then.
    pub fn can_run(&self, args: &ContainerArgs, until: Instant) -> Result<()> {
        let engine = self.engine()?;
        if args.gpu && !engine.has_gpu() {
            return Err(ContainerError::NoGpu.into());
        }
        Ok(engine.fetch(&args.image, until, &Cancel::default())?)
    }

    /// Runs all operations of a job of containers; none if there are others. A group begins when
    /// the one before it has succeeded; an operation whose dependencies have not is skipped, which
    /// its output tells.
    pub fn run(
        &self,
        operations: &[Operation],
        store: &Store,
        cancel: &Cancel,
        service: Option<&Live>,
    ) -> Option<Vec<OperationResult>> {
        let containers: Vec<Container<'_>> =
            operations.iter().map(Container::of).collect::<Option<_>>()?;
        let engine = match self.engine() {
            Ok(engine) => engine,
            Err(error) => {
                let (now, error) = (unix_ms(), format!("{error:#}"));
                return Some(
                    containers
                        .iter()
                        .map(|it| OperationResult::failed(it.id, now, now, &error))
                        .collect(),
                );
            }
        };
        let job = Job::new(engine);
        let mut done: BTreeMap<usize, Done> = BTreeMap::new();
        for stage in stages(operations) {
            let go_on = done.values().all(|done| done.succeeded) && !cancel.is_ending();
            let run = |container: &Container<'_>| container.run(&job, store, cancel, service);
            run_stage(&containers, &stage, go_on, &mut done, &run, store);
        }
        Some(done.into_values().map(|done| done.result).collect())
    }
}

/// An operation that has come to its end.
struct Done {
    result: OperationResult,
    succeeded: bool,
}

/// The parts of a `container/run`.
struct Container<'a> {
    id: &'a str,
    args: &'a ContainerArgs,
    results: &'a BTreeMap<String, ResultRule>,
    depends_on: &'a [String],
}

/// Runs the operations of one group, each as soon as what it depends on has succeeded.
fn run_stage(
    containers: &[Container<'_>],
    stage: &[usize],
    go_on: bool,
    done: &mut BTreeMap<usize, Done>,
    run: &(dyn Fn(&Container<'_>) -> Result<CommandOutput> + Sync),
    store: &Store,
) {
    let mut waiting = stage.to_vec();
    let (ended, endings) = channel();
    thread::scope(|scope| {
        let mut running = 0_usize;
        loop {
            for index in std::mem::take(&mut waiting) {
                let container = &containers[index];
                let of = |name: &String| {
                    done.iter().find(|(at, _)| containers[**at].id == name).map(|(_, done)| done)
                };
                let states: Vec<Option<&Done>> = container.depends_on.iter().map(of).collect();
                if !go_on || states.iter().flatten().any(|done| !done.succeeded) {
                    let now = unix_ms();
                    done.insert(index, container.finish(now, Ok(container.skipped()), store));
                } else if states.iter().all(Option::is_some) {
                    let ended = ended.clone();
                    running += 1;
                    scope.spawn(move || {
                        let started = unix_ms();
                        // The receiver lives as long as this scope.
                        let _ =
                            ended.send((index, container.finish(started, run(container), store)));
                    });
                } else {
                    waiting.push(index);
                }
            }
            if running == 0 {
                break;
            }
            let Ok((index, ending)) = endings.recv() else { break };
            running -= 1;
            done.insert(index, ending);
        }
    });
    // A definition that was validated leaves none.
    for index in waiting {
        let error = Err(anyhow!("its dependencies cannot be met"));
        done.insert(index, containers[index].finish(unix_ms(), error, store));
    }
}

impl<'a> Container<'a> {
    fn of(operation: &'a Operation) -> Option<Self> {
        match operation {
            Operation::ContainerRun { id, args, results, execution } => {
                Some(Self { id, args, results, depends_on: &execution.depends_on })
            }
            _ => None,
        }
    }

    fn run(
        &self,
        job: &Job<'_>,
        store: &Store,
        cancel: &Cancel,
        service: Option<&Live>,
    ) -> Result<CommandOutput> {
        let (args, command) = (self.args, self.args.command());
        let mounts: Vec<Mount<'_>> = args
            .volumes
            .iter()
            .map(|volume| Mount { name: &volume.name, path: &volume.dest })
            .collect();
        let limits = Limits { disk_bytes: u64::MAX, ..limits(&args.limits, service.is_some()) };
        let request = Request {
            image: &args.image,
            entrypoint: &args.entrypoint,
            command: &command,
            env: &args.env,
            gpu: args.gpu,
            mounts: &mounts,
            work_dir: args.work_dir.as_deref(),
            output: args.output.as_deref(),
            limits,
            cancel,
            live: service,
        };
        let mut outcome = job.run(&request)?;
        if service.is_none() && outcome.stopped {
            // Its job had no more time.
            (outcome.stopped, outcome.limit, outcome.exit_code) = (false, Some(Limit::Time), None);
        }
        let mut output =
            CommandOutput { steps: vec![self.step(&outcome, store)?], ..self.skipped() };
        let lost = || cancel.is_cancelled();
        let matches =
            |rule: &ResultRule| rule.matches_unless(&outcome.stdout, &outcome.stderr, lost);
        output.results =
            self.results.iter().map(|(name, rule)| (name.clone(), matches(rule))).collect();
        match outcome.kept {
            None => {}
            Some(Ok(kept)) => {
                let stored = store
                    .put_reader(kept.archive, KEPT.as_ref())
                    .context("cannot store the output")?;
                output.artifacts.push(Artifact {
                    path: KEPT.to_owned(),
                    size_bytes: stored.1,
                    content: stored.0,
                });
            }
            Some(Err(reason)) => {
                output
                    .left_out
                    .push(LeftOut { path: args.output.clone().unwrap_or_default(), reason });
            }
        }
        Ok(output)
    }

    fn step(&self, outcome: &Outcome, store: &Store) -> Result<StepOutput> {
        let started = outcome.started.duration_since(UNIX_EPOCH).unwrap_or_default();
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Ok(StepOutput {
            name: self.id.to_owned(),
            status: status(outcome.limit, outcome.stopped),
            exit_code: outcome.exit_code,
            signal: outcome
                .exit_code
                .and_then(|code| code.checked_sub(128))
                .filter(|signal| (1..=64).contains(signal)),
            limit: outcome.limit.map(stored),
            started_unix_ms: Some(ms(started)),
            ended_unix_ms: Some(ms(started + outcome.elapsed)),
            log: Some(store.put(&outcome.log).context("cannot store the log")?),
            log_bytes: outcome.log.len() as u64,
            log_truncated: outcome.log_truncated,
        })
    }

    /// The output of a container that never began.
    fn skipped(&self) -> CommandOutput {
        let by = |how: &str| how.to_owned();
        let enforcement = Enforcement {
            memory: by("container engine, --memory"),
            processes: by("container engine, --pids-limit"),
            cpus: by("container engine, --cpus"),
            disk: by("not bounded"),
        };
        let steps = vec![StepOutput::skipped(self.id)];
        CommandOutput {
            steps,
            artifacts: Vec::new(),
            left_out: Vec::new(),
            enforcement,
            results: BTreeMap::new(),
        }
    }

    fn finish(&self, started: u64, output: Result<CommandOutput>, store: &Store) -> Done {
        let stored = output.and_then(|output| Ok((store.put_json(&output)?, output.succeeded())));
        let ended = unix_ms().max(started);
        match stored {
            Ok((output, succeeded)) => {
                Done { result: OperationResult::ok(self.id, started, ended, output), succeeded }
            }
            Err(error) => {
                let result = OperationResult::failed(self.id, started, ended, format!("{error:#}"));
                Done { result, succeeded: false }
            }
        }
    }
}
