//! One container of a job.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Result;
use nosana_container::{
    ContainerJob, ContainerOutcome, ContainerRequest, EndedContainer, HostFolder, Mount,
};
use nosana_fetch::CachedResource;
use nosana_job_spec::{CommandOutput, ContainerArgs, Dependency, ResultRule};
use nosana_sandbox::{Limit, Limits};

use super::rerun::run_with_restarts;
use crate::execute::{
    context::JobContext,
    limits::{describe_end, sandbox_limits},
};

/// The exit code of shells for a program that cannot be run.
const CANNOT_RUN: u8 = 127;

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
                let run = |limits: Limits, before_start: &dyn Fn()| {
                    self.run_container(job, args, resources, limits, before_start, context)
                };
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

    /// Runs the container once. Calls `before_start` right before it starts.
    fn run_container<'a>(
        &self,
        job: &'a ContainerJob<'_>,
        args: &ContainerArgs,
        resources: &[Arc<CachedResource>],
        limits: Limits,
        before_start: &dyn Fn(),
        context: JobContext<'_>,
    ) -> Result<EndedContainer<'a>> {
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
        let ended = job.run_unpacked(&request, before_start)?;
        drop(source);
        let end = describe_end(ended.outcome().exit_code, ended.outcome().limit);
        context.run.add_note(format_args!("{} ended: {end}", self.id));
        Ok(ended)
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
