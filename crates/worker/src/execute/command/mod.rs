//! `command/run`: a pipeline of steps in a sandbox.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`artifacts`] | the files that the operation keeps |

mod artifacts;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use nosana_job_spec::{
    CommandArgs, CommandOutput, EnforcementReport, MAX_COMMAND_INPUT_BYTES, Step, StepOutput,
};
use nosana_sandbox::{Limit, Limits, Outcome, Request, Sandbox, SandboxError, Scratch};
use nosana_store::Store;

use self::artifacts::{CollectedArtifacts, collect_artifacts};
use super::{
    context::JobContext,
    limits::{describe_end, limit_report, sandbox_limits, step_status, whole_ms},
};
use crate::live_jobs::OutputSource;

/// Runs the steps in a scratch folder, which is deleted afterwards. Logs and artifacts go to the
/// store.
///
/// # Errors
/// If this node cannot run the operation: no sandbox, an input that is missing or damaged, no
/// network. A step that fails is part of the output.
pub(super) fn execute_command(
    sandbox: &Sandbox,
    id: &str,
    args: &CommandArgs,
    context: JobContext<'_>,
) -> Result<CommandOutput> {
    let scratch = sandbox.create_scratch()?;
    put_inputs(&scratch, args, context.store)?;

    let steps = run_steps(sandbox, &scratch, id, args, context)?;

    let CollectedArtifacts { artifacts, left_out } = collect_artifacts(&scratch, args, context)?;
    Ok(CommandOutput {
        steps,
        artifacts,
        left_out,
        enforcement: enforcement_report(sandbox),
        results: BTreeMap::new(),
    })
}

/// Dry run: unpacks the inputs to a scratch folder and deletes it. Finds an input that is missing
/// or cannot be unpacked before the job starts; after the start it would be this node's failure.
///
/// # Errors
/// If the sandbox has no network and the operation requires one, or an input cannot be used.
pub(super) fn check_command(sandbox: &Sandbox, args: &CommandArgs, store: &Store) -> Result<()> {
    ensure!(!args.network || sandbox.gives_network(), SandboxError::NoNetwork);

    put_inputs(&sandbox.create_scratch()?, args, store)
}

/// Writes the inputs into the scratch folder, within the job's disk limit.
fn put_inputs(scratch: &Scratch, args: &CommandArgs, store: &Store) -> Result<()> {
    let mut bytes_left = args.limits.disk_bytes();

    for (index, input) in args.inputs.iter().enumerate() {
        let put_input = || -> Result<u64> {
            let content = store.get(&input.content, MAX_COMMAND_INPUT_BYTES)?;
            let size_bytes = content.len() as u64;
            ensure!(
                size_bytes <= bytes_left,
                "the inputs hold more than the job's disk limit; raise `disk_mib`"
            );

            if input.unpack {
                scratch.unpack_archive(&input.path, &content, bytes_left)?;
            } else {
                scratch.put_file(&input.path, &content)?;
            }
            Ok(size_bytes)
        };
        bytes_left -= put_input().with_context(|| format!("input {index}, `{}`", input.path))?;
    }

    if let Some(folder) = &args.working_directory {
        scratch.make_folder(folder)?;
    }
    Ok(())
}

/// Runs the steps in order. Skips those after a step that failed, and after the job has ended.
fn run_steps(
    sandbox: &Sandbox,
    scratch: &Scratch,
    id: &str,
    args: &CommandArgs,
    context: JobContext<'_>,
) -> Result<Vec<StepOutput>> {
    let limits = sandbox_limits(&args.limits, context.is_service());
    // Without the time in which logs are stored: a store that pauses must not end the next step.
    let mut used_time = Duration::ZERO;
    let mut steps: Vec<StepOutput> = Vec::with_capacity(args.steps.len());

    for step in &args.steps {
        let goes_on = steps.iter().all(StepOutput::succeeded) && !context.cancel.is_ending();
        if !goes_on {
            steps.push(StepOutput::skipped(&step.name));
            continue;
        }

        let limits = Limits { time: limits.time.saturating_sub(used_time), ..limits };
        let source = context.run.observe_source(format!("{id} / {}", step.name), &args.expose);
        let outcome = run_step(sandbox, scratch, args, step, limits, &source, context)
            .with_context(|| format!("step `{}`", step.name))?;
        drop(source);
        context.run.add_note(format_args!(
            "{id} / {} ended: {}",
            step.name,
            describe_end(outcome.exit_code, outcome.limit)
        ));
        used_time += outcome.elapsed;
        steps.push(step_output(step, &outcome, context)?);
    }

    Ok(steps)
}

fn run_step(
    sandbox: &Sandbox,
    scratch: &Scratch,
    args: &CommandArgs,
    step: &Step,
    limits: Limits,
    source: &OutputSource<'_>,
    context: JobContext<'_>,
) -> Result<Outcome> {
    let own_time = step.timeout_seconds.map_or(limits.time, Duration::from_secs);
    let argv = step.argv();
    let request = Request {
        argv: &argv,
        env: &args.env,
        directory: args.working_directory.as_deref().unwrap_or_default(),
        network: args.network,
        limits: Limits { time: limits.time.min(own_time), ..limits },
        cancel: context.cancel,
        observer: Some(source),
    };
    let mut outcome = sandbox.run(scratch, &request)?;

    if !context.is_service() && outcome.stopped {
        // The job ran out of time.
        outcome.stopped = false;
        outcome.limit = Some(Limit::Time);
        outcome.exit_code = None;
    }
    Ok(outcome)
}

fn step_output(step: &Step, outcome: &Outcome, context: JobContext<'_>) -> Result<StepOutput> {
    let started = outcome.started.duration_since(UNIX_EPOCH).unwrap_or_default();

    Ok(StepOutput {
        name: step.name.clone(),
        status: step_status(outcome.limit, outcome.stopped),
        exit_code: outcome.exit_code,
        signal: outcome.signal(),
        limit: outcome.limit.map(limit_report),
        started_unix_ms: Some(whole_ms(started)),
        ended_unix_ms: Some(whole_ms(started + outcome.elapsed)),
        log: Some(context.put_bytes(&outcome.output).context("cannot store the log")?),
        log_bytes: outcome.output.len() as u64,
        log_truncated: outcome.output_truncated,
    })
}

/// Returns how this host enforces the limits.
fn enforcement_report(sandbox: &Sandbox) -> EnforcementReport {
    let enforced = sandbox.enforcement();
    EnforcementReport {
        memory: enforced.memory.to_owned(),
        processes: enforced.processes.to_owned(),
        cpus: enforced.cpus.to_owned(),
        disk: enforced.disk.to_owned(),
    }
}
