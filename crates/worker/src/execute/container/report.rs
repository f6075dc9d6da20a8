//! What a container did: its step, its results, and what is kept of its files.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant, UNIX_EPOCH},
};

use anyhow::{Context, Error, Result};
use nosana_container::ContainerOutcome;
use nosana_job_spec::{
    Artifact, CONTAINER_OUTPUT, CommandOutput, EnforcementReport, LeftOutReport, ResultRule,
    StepOutput, StepStatus,
};

use super::{operation::ContainerOperation, rerun::was_stopped};
use crate::execute::{
    context::JobContext,
    limits::{limit_report, step_status, whole_ms},
};

/// An exit code above this reports a signal: 128 + its number.
const SIGNAL_EXIT_BASE: u8 = 128;
/// The highest number of a signal.
const MAX_SIGNAL: u8 = 64;
/// How long the log of a container is searched for its results: it may have ended at the end of the
/// job, and its result must be submitted in time.
const SEARCH_TIME: Duration = Duration::from_secs(5);

impl ContainerOperation<'_> {
    /// Returns what the rules of the definition match in the log, as far as there is time.
    pub(super) fn find_results(
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
    pub(super) fn keep_files(
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

    /// Stores the log, and returns how the container ended.
    pub(super) fn step_output(
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
