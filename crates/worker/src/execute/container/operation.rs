//! One container of a job, and its output.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Error, Result};
use nosana_container::{ContainerJob, ContainerOutcome, ContainerRequest, HostFolder, Mount};
use nosana_fetch::CachedResource;
use nosana_job_spec::{
    Artifact, CONTAINER_OUTPUT, CommandOutput, ContainerArgs, Dependency, EnforcementReport,
    LeftOutReport, ResultRule, StepOutput, StepStatus,
};
use nosana_sandbox::{Limit, Limits};

use super::rerun::{run_with_restarts, was_stopped};
use crate::execute::{
    context::JobContext,
    limits::{describe_end, limit_report, sandbox_limits, step_status, whole_ms},
};

/// An exit code above this reports a signal: 128 + its number.
const SIGNAL_EXIT_BASE: u8 = 128;
/// The exit code of shells for a program that cannot be run.
const CANNOT_RUN: u8 = 127;
/// The highest number of a signal.
const MAX_SIGNAL: u8 = 64;
/// How long the log of a container is searched for its results: it may have ended at the end of the
/// job, and its result must be submitted in time.
const SEARCH_TIME: Duration = Duration::from_secs(5);

/// The parts of a `container/run`.
pub(in crate::execute) struct ContainerOperation<'a> {
    pub id: &'a str,
    pub args: &'a ContainerArgs,
    pub results: &'a BTreeMap<String, ResultRule>,
    pub dependencies: Vec<Dependency<'a>>,
    /// The operations that it serves: it is stopped once all of them have ended.
    pub served: &'a [String],
}

impl ContainerOperation<'_> {
    /// Runs the container with these arguments, whose values are filled in; or reports why they
    /// cannot be. Its log and what is kept of its files go to the store.
    pub(super) fn run_in(
        &self,
        job: &ContainerJob<'_>,
        args: &Result<ContainerArgs, String>,
        resources: &[Arc<CachedResource>],
        context: JobContext<'_>,
    ) -> Result<CommandOutput> {
        let mut outcome = match args {
            Ok(args) => {
                // The engine does not bound the disk.
                let limits = Limits {
                    disk_bytes: u64::MAX,
                    ..sandbox_limits(&args.limits, context.is_service())
                };
                let run = |limits| self.run_container(job, args, resources, limits, context);
                run_with_restarts(self.id, args.restart_policy, limits, &run, context)?
            }
            Err(problem) => {
                context.run.add_note(format_args!("{} cannot start: {problem}", self.id));
                failed_outcome(problem)
            }
        };
        if !context.is_service() && outcome.stopped && self.served.is_empty() {
            // The job ran out of time.
            outcome.stopped = false;
            outcome.limit = Some(Limit::Time);
            outcome.exit_code = None;
        }

        let step = self.step_output(&outcome, context)?;
        let mut output = CommandOutput { steps: vec![step], ..self.skipped_output() };
        output.results = self.find_results(&outcome, context);
        self.keep_files(outcome, &mut output, context)?;
        Ok(output)
    }

    fn run_container(
        &self,
        job: &ContainerJob<'_>,
        args: &ContainerArgs,
        resources: &[Arc<CachedResource>],
        limits: Limits,
        context: JobContext<'_>,
    ) -> Result<ContainerOutcome> {
        let command = args.command();
        let mounts: Vec<Mount<'_>> = args
            .volumes
            .iter()
            .map(|volume| Mount { name: &volume.name, path: &volume.dest })
            .collect();
        let folders: Vec<HostFolder<'_>> = args
            .resources
            .iter()
            .zip(resources)
            .map(|(resource, cached)| HostFolder {
                folder: cached.folder(),
                path: resource.target(),
                is_copied: resource.is_writable(),
            })
            .collect();

        let source = context.run.observe_source(self.id.to_owned(), &args.expose);
        let request = ContainerRequest {
            image: &args.image,
            entrypoint: &args.entrypoint,
            command: &command,
            env: &args.env,
            gpu: args.gpu,
            mounts: &mounts,
            folders: &folders,
            work_dir: args.work_dir.as_deref(),
            output: args.output.as_deref(),
            limits,
            cancel: context.cancel,
            observer: Some(&source),
            ports: source.ports(),
        };
        let outcome = job.run(&request)?;
        drop(source);
        let end = describe_end(outcome.exit_code, outcome.limit);
        context.run.add_note(format_args!("{} ended: {end}", self.id));
        Ok(outcome)
    }

    /// Returns what the rules of the definition match in the log, as far as there is time.
    fn find_results(
        &self,
        outcome: &ContainerOutcome,
        context: JobContext<'_>,
    ) -> BTreeMap<String, Vec<String>> {
        let until = Instant::now() + SEARCH_TIME;
        let is_stopped = || context.cancel.is_cancelled() || Instant::now() >= until;
        let matches =
            |rule: &ResultRule| rule.matches_unless(&outcome.stdout, &outcome.stderr, is_stopped);
        let found = self.results.iter().map(|(name, rule)| (name.clone(), matches(rule))).collect();

        if Instant::now() >= until {
            context.run.add_note(format_args!(
                "the results of {} may be incomplete: its log was searched for {} s",
                self.id,
                SEARCH_TIME.as_secs()
            ));
        }
        found
    }

    /// Stores the packed file or folder that the container keeps.
    fn keep_files(
        &self,
        outcome: ContainerOutcome,
        output: &mut CommandOutput,
        context: JobContext<'_>,
    ) -> Result<()> {
        match outcome.kept {
            None => {}
            Some(Ok(kept)) => {
                let (content, size_bytes) = context
                    .put_file(kept.archive, CONTAINER_OUTPUT.as_ref())
                    .context("cannot store the output")?;
                let path = CONTAINER_OUTPUT.to_owned();
                output.artifacts.push(Artifact { path, size_bytes, content });
            }
            Some(Err(reason)) => {
                let path = self.args.output.clone().unwrap_or_default();
                output.left_out.push(LeftOutReport { path, reason });
            }
        }

        Ok(())
    }

    fn step_output(
        &self,
        outcome: &ContainerOutcome,
        context: JobContext<'_>,
    ) -> Result<StepOutput> {
        let started = outcome.started.duration_since(UNIX_EPOCH).unwrap_or_default();
        let signal = outcome
            .exit_code
            .and_then(|code| code.checked_sub(SIGNAL_EXIT_BASE))
            .filter(|signal| (1..=MAX_SIGNAL).contains(signal));

        Ok(StepOutput {
            name: self.id.to_owned(),
            status: step_status(outcome.limit, outcome.stopped),
            exit_code: outcome.exit_code,
            signal,
            limit: outcome.limit.map(limit_report),
            started_unix_ms: Some(whole_ms(started)),
            ended_unix_ms: Some(whole_ms(started + outcome.elapsed)),
            log: Some(context.put_bytes(&outcome.log).context("cannot store the log")?),
            log_bytes: outcome.log.len() as u64,
            log_truncated: outcome.log_truncated,
        })
    }

    /// Returns the output of a container that was stopped before it began, because all operations
    /// that it serves had ended; otherwise the error.
    pub(super) fn excuse_stop(
        &self,
        error: Error,
        context: JobContext<'_>,
    ) -> Result<CommandOutput> {
        if self.served.is_empty() || !was_stopped(&error, context) {
            return Err(error);
        }

        let step = StepOutput {
            status: StepStatus::Stopped,
            exit_code: Some(0),
            ..StepOutput::skipped(self.id)
        };
        Ok(CommandOutput { steps: vec![step], ..self.skipped_output() })
    }

    /// The output of a container that never began.
    pub(super) fn skipped_output(&self) -> CommandOutput {
        let enforcement = EnforcementReport {
            memory: "container engine, --memory".to_owned(),
            processes: "container engine, --pids-limit".to_owned(),
            cpus: "container engine, --cpus".to_owned(),
            disk: "not bounded".to_owned(),
        };

        CommandOutput {
            steps: vec![StepOutput::skipped(self.id)],
            artifacts: Vec::new(),
            left_out: Vec::new(),
            enforcement,
            results: BTreeMap::new(),
        }
    }
}

/// The outcome of a container that could not be started because of its definition.
fn failed_outcome(problem: &str) -> ContainerOutcome {
    let log = format!("cannot start: {problem}\n").into_bytes();
    ContainerOutcome {
        exit_code: Some(CANNOT_RUN),
        limit: None,
        stopped: false,
        started: SystemTime::now(),
        elapsed: Duration::ZERO,
        stdout: Vec::new(),
        stderr: log.clone(),
        log,
        log_truncated: false,
        kept: None,
    }
}
