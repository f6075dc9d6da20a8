//! `command/run`: a pipeline in a sandbox.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use nosana_job_spec::{
    Artifact, CommandArgs, CommandLimits, CommandOutput, Enforcement, LeftOut,
    Limit as StoredLimit, MAX_ARTIFACT_BYTES, MAX_ARTIFACTS, MAX_COMMAND_INPUT_BYTES, Step,
    StepOutput, StepStatus,
};
use nosana_sandbox::{Cancel, Limit, Limits, Live, Outcome, Request, Sandbox, Scratch};
use nosana_store::Store;

/// The longest name of an artifact, as JSON.
const MAX_NAME_BYTES: usize = 1024;

/// Runs the steps in a folder of their own, which is deleted afterwards; logs and artifacts go to
/// `store`.
///
/// # Errors
/// If this node cannot do what is asked: no sandbox, an input that is missing or damaged, no
/// network to give. A step that fails is no error.
pub(super) fn run(
    sandbox: &Sandbox,
    args: &CommandArgs,
    store: &Store,
    cancel: &Cancel,
    service: Option<&Live>,
) -> Result<CommandOutput> {
    let scratch = sandbox.scratch()?;
    put_inputs(&scratch, args, store)?;
    let limits = limits(&args.limits, service.is_some());
    let begun = Instant::now();
    let mut steps: Vec<StepOutput> = Vec::with_capacity(args.steps.len());
    for step in &args.steps {
        let goes_on = steps.iter().all(StepOutput::succeeded) && !cancel.is_ending();
        steps.push(if goes_on {
            let left = limits.time.saturating_sub(begun.elapsed());
            let outcome = run_step(
                sandbox,
                &scratch,
                args,
                step,
                Limits { time: left, ..limits },
                cancel,
                service,
            );
            let mut outcome = outcome.with_context(|| format!("step `{}`", step.name))?;
            if service.is_none() && outcome.stopped {
                // Its job had no more time.
                (outcome.stopped, outcome.limit, outcome.exit_code) =
                    (false, Some(Limit::Time), None);
            }
            step_output(step, &outcome, store)?
        } else {
            StepOutput::skipped(&step.name)
        });
    }
    let (artifacts, left_out) = keep_artifacts(&scratch, args, store, cancel)?;
    let how = sandbox.enforcement();
    let [memory, processes, cpus, disk] =
        [how.memory, how.processes, how.cpus, how.disk].map(str::to_owned);
    let enforcement = Enforcement { memory, processes, cpus, disk };
    Ok(CommandOutput { steps, artifacts, left_out, enforcement, results: BTreeMap::new() })
}

/// Puts the inputs into a folder for nothing, so that one that is missing or cannot be put there is
/// known before the job is started: after that it would be this node's failure.
pub(super) fn rehearse(sandbox: &Sandbox, args: &CommandArgs, store: &Store) -> Result<()> {
    put_inputs(&sandbox.scratch()?, args, store)
}

fn put_inputs(scratch: &Scratch, args: &CommandArgs, store: &Store) -> Result<()> {
    let mut left = args.limits.disk_bytes();
    for (index, input) in args.inputs.iter().enumerate() {
        let put = || -> Result<u64> {
            let content = store.get(&input.content, MAX_COMMAND_INPUT_BYTES)?;
            let size = content.len() as u64;
            ensure!(
                size <= left,
                "the inputs hold more than the job's disk limit; raise `disk_mib`"
            );
            if input.unpack {
                scratch.unpack(&input.path, &content, left)?;
            } else {
                scratch.put_file(&input.path, &content)?;
            }
            Ok(size)
        };
        left -= put().with_context(|| format!("input {index}, `{}`", input.path))?;
    }
    if let Some(folder) = &args.working_directory {
        scratch.make_folder(folder)?;
    }
    Ok(())
}

fn run_step(
    sandbox: &Sandbox,
    scratch: &Scratch,
    args: &CommandArgs,
    step: &Step,
    limits: Limits,
    cancel: &Cancel,
    live: Option<&Live>,
) -> Result<Outcome> {
    let own = step.timeout_seconds.map_or(limits.time, Duration::from_secs);
    let limits = Limits { time: limits.time.min(own), ..limits };
    let argv = step.run.argv();
    let directory = args.working_directory.as_deref().unwrap_or_default();
    let request = Request {
        argv: &argv,
        env: &args.env,
        directory,
        network: args.network,
        limits,
        cancel,
        live,
    };
    Ok(sandbox.run(scratch, &request)?)
}

/// The bounds of an operation. Of a service, time and output are bounded by its end and by what is
/// kept.
pub(super) fn limits(asked: &CommandLimits, service: bool) -> Limits {
    let seconds =
        if service { asked.service_timeout_seconds() } else { Some(asked.timeout_seconds()) };
    Limits {
        time: seconds.map_or(Duration::MAX, Duration::from_secs),
        memory_bytes: asked.memory_bytes(),
        cpus: asked.cpus(),
        processes: asked.processes(),
        disk_bytes: asked.disk_bytes(),
        output_bytes: asked.output_bytes(),
        keeps_end: service,
    }
}

fn step_output(step: &Step, outcome: &Outcome, store: &Store) -> Result<StepOutput> {
    let started = outcome.started.duration_since(UNIX_EPOCH).unwrap_or_default();
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Ok(StepOutput {
        name: step.name.clone(),
        status: status(outcome.limit, outcome.stopped),
        exit_code: outcome.exit_code,
        signal: outcome.signal(),
        limit: outcome.limit.map(stored),
        started_unix_ms: Some(ms(started)),
        ended_unix_ms: Some(ms(started + outcome.elapsed)),
        log: Some(store.put(&outcome.output).context("cannot store the log")?),
        log_bytes: outcome.output.len() as u64,
        log_truncated: outcome.output_truncated,
    })
}

pub(super) fn status(limit: Option<Limit>, stopped: bool) -> StepStatus {
    match (limit, stopped) {
        (Some(_), _) => StepStatus::Limit,
        (None, true) => StepStatus::Stopped,
        (None, false) => StepStatus::Exited,
    }
}

pub(super) fn stored(limit: Limit) -> StoredLimit {
    match limit {
        Limit::Time => StoredLimit::Timeout,
        Limit::Memory => StoredLimit::Memory,
        Limit::Processes => StoredLimit::Processes,
        Limit::Disk => StoredLimit::Disk,
        Limit::Output => StoredLimit::Output,
    }
}

/// Stores what the patterns name. They are kept after a failure as well: reports of failed tests
/// matter most.
fn keep_artifacts(
    scratch: &Scratch,
    args: &CommandArgs,
    store: &Store,
    cancel: &Cancel,
) -> Result<(Vec<Artifact>, Vec<LeftOut>)> {
    let found = scratch.collect_until(cancel, &args.artifacts)?;
    let left_out = found.left_out.into_iter().take(MAX_ARTIFACTS);
    let mut left_out: Vec<_> =
        left_out.map(|it| LeftOut { path: short(it.path), reason: it.reason }).collect();
    // Files with holes look larger than the disk limit that they were written under.
    let mut left = args.limits.disk_bytes();
    let mut artifacts = Vec::new();
    for (index, file) in found.files.into_iter().enumerate() {
        if index >= MAX_ARTIFACTS {
            let reason = format!(
                "it and those behind it are more than {MAX_ARTIFACTS} files; pack them into one"
            );
            left_out.push(LeftOut { path: short(file.path), reason });
            break;
        }
        let refusal = if file.size_bytes > MAX_ARTIFACT_BYTES {
            Some(format!(
                "it has {} bytes, more than the limit of {MAX_ARTIFACT_BYTES}",
                file.size_bytes
            ))
        } else if file.size_bytes > left {
            Some("with it, the artifacts have more bytes than the disk limit".to_owned())
        } else if is_long(&file.path) {
            Some(format!("its name has more than {MAX_NAME_BYTES} bytes in JSON"))
        } else {
            None
        };
        let opened = file.open();
        match (refusal, opened) {
            (Some(reason), _) => left_out.push(LeftOut { path: short(file.path), reason }),
            (None, Err(error)) => {
                left_out.push(LeftOut { path: short(file.path), reason: error.to_string() })
            }
            (None, Ok(opened)) => {
                let stored =
                    store.put_reader(opened, &file.host).context("cannot store an artifact");
                let (content, size_bytes) = stored?;
                left -= size_bytes.min(left);
                artifacts.push(Artifact { path: file.path, size_bytes, content });
            }
        }
    }
    Ok((artifacts, left_out))
}

/// Whether a name takes so much room in JSON that some thousand like it would make the output too
/// large to be stored.
fn is_long(path: &str) -> bool {
    serde_json::to_string(path).map_or(true, |json| json.len() > MAX_NAME_BYTES)
}

/// The name, or how it begins.
fn short(path: String) -> String {
    if is_long(&path) {
        path.chars().take(MAX_NAME_BYTES / 8).chain(['…']).collect()
    } else {
        path
    }
}
