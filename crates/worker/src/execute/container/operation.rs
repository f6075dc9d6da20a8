//! One container of a job, and its output.

use std::{collections::BTreeMap, time::UNIX_EPOCH};

use anyhow::{Context, Result};
use nosana_container::{ContainerJob, ContainerOutcome, ContainerRequest, Mount};
use nosana_job_spec::{
    Artifact, CONTAINER_OUTPUT, CommandOutput, ContainerArgs, EnforcementReport, LeftOutReport,
    ResultRule, StepOutput,
};
use nosana_sandbox::{Limit, Limits};

use crate::execute::{
    context::JobContext,
    limits::{limit_report, sandbox_limits, step_status, whole_ms},
};

/// An exit code above this reports a signal: 128 + its number.
const SIGNAL_EXIT_BASE: u8 = 128;
/// The highest number of a signal.
const MAX_SIGNAL: u8 = 64;

/// The parts of a `container/run`.
pub(in crate::execute) struct ContainerOperation<'a> {
    pub id: &'a str,
    pub args: &'a ContainerArgs,
    pub results: &'a BTreeMap<String, ResultRule>,
    pub depends_on: &'a [String],
}

impl ContainerOperation<'_> {
    /// Runs the container. Its log and what is kept of its files go to the store.
    pub(super) fn run_in(
        &self,
        job: &ContainerJob<'_>,
        context: JobContext<'_>,
    ) -> Result<CommandOutput> {
        let mut outcome = self.run_container(job, context)?;
        if !context.is_service() && outcome.stopped {
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
        context: JobContext<'_>,
    ) -> Result<ContainerOutcome> {
        let args = self.args;
        let command = args.command();
        let mounts: Vec<Mount<'_>> = args
            .volumes
            .iter()
            .map(|volume| Mount { name: &volume.name, path: &volume.dest })
            .collect();
        // The engine does not bound the disk.
        let limits =
            Limits { disk_bytes: u64::MAX, ..sandbox_limits(&args.limits, context.is_service()) };

        let request = ContainerRequest {
            image: &args.image,
            entrypoint: &args.entrypoint,
            command: &command,
            env: &args.env,
            gpu: args.gpu,
            mounts: &mounts,
            work_dir: args.work_dir.as_deref(),
            output: args.output.as_deref(),
            limits,
            cancel: context.cancel,
            live: context.live,
        };
        Ok(job.run(&request)?)
    }

    /// Returns what the rules of the definition match in the log.
    fn find_results(
        &self,
        outcome: &ContainerOutcome,
        context: JobContext<'_>,
    ) -> BTreeMap<String, Vec<String>> {
        let is_cancelled = || context.cancel.is_cancelled();
        let matches =
            |rule: &ResultRule| rule.matches_unless(&outcome.stdout, &outcome.stderr, is_cancelled);
        self.results.iter().map(|(name, rule)| (name.clone(), matches(rule))).collect()
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
