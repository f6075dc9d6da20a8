//! `nosana job logs`: what commands printed, and the files that were kept.

use std::{
    io::{IsTerminal, Write},
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{
    Artifact, CommandOutput, ContentId, MAX_OUTPUT_BYTES, Operation, StepOutput, StepStatus,
};
use nosana_protocol::job::State;
use nosana_store::Store;
use serde_json::{Map, Value, json};
use solana_address::Address;

use super::{
    Connection,
    connection::Open,
    save, service,
    terminal::for_terminal,
    wait::{MISSING, answer, check_completed, left},
};

/// A settled job.
#[derive(Debug, Args)]
pub struct Options {
    /// The job's address
    #[arg(value_parser = crate::commands::address)]
    job: Address,
    /// Save the files that were kept in this folder
    #[arg(long, value_name = "DIR")]
    artifacts_to: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

/// Prints the logs of a settled job.
pub async fn run(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let job = open.job(&options.job).await?;
    if job.is_service() {
        let (folder, as_json) = (options.artifacts_to.as_deref(), options.connection.json());
        return service::show_logs(&open, options.job, &job, folder, as_json);
    } else {
        ensure!(
            job.state == State::Settled as u8,
            "the job is not settled yet: `nosana job wait {}` waits",
            options.job
        );
        check_completed(&job)?;
    }
    show(&open, options.job, &job, options.artifacts_to.as_deref(), options.connection.json())?;
    Ok(())
}

/// Prints all logs and saves the artifacts; true if every command succeeded.
pub fn show(
    open: &Open,
    address: Address,
    job: &Job,
    artifacts_to: Option<&Path>,
    as_json: bool,
) -> Result<bool> {
    let (definition, result) = answer(open, job)?;
    let mut all = Map::new();
    let mut succeeded = true;
    for (operation, result) in definition.ops.iter().zip(&result.ops) {
        let (Some(steps), Some(output), id) = (steps(operation), result.output, operation.id())
        else {
            continue;
        };
        let output: CommandOutput = open.store.get_json(&output).context(MISSING)?;
        let checked = check(&steps, &output).and_then(|()| save::check(operation, &output));
        checked.with_context(|| format!("the output of `{id}` does not answer its definition"))?;
        succeeded &= output.succeeded();
        if as_json {
            all.insert(id.to_owned(), with_logs(&output, &open.store)?);
        } else {
            print(id, &output, &open.store)?;
        }
        for artifact in artifacts_to
            .iter()
            .flat_map(|folder| output.artifacts.iter().map(move |it| (folder, it)))
        {
            save::save(artifact.1, artifact.0, &open.store)?;
        }
        if let (Some(folder), false) = (artifacts_to, as_json) {
            eprintln!("{} file(s) in {}", output.artifacts.len(), folder.display());
        }
    }
    ensure!(
        as_json || definition.ops.iter().any(|operation| steps(operation).is_some()),
        "the job has no commands: `nosana job wait {address}`"
    );
    if as_json {
        let result = ContentId::from_digest(left(job)).to_string();
        let all = json!({ "job": address.to_string(), "result": result, "succeeded": succeeded, "outputs": all });
        println!("{}", serde_json::to_string_pretty(&all)?);
    }
    Ok(succeeded)
}

/// The names of an operation's steps; none if it prints nothing. A container is one step of its own
/// name.
pub(super) fn steps(operation: &Operation) -> Option<Vec<&str>> {
    match operation {
        Operation::CommandRun { args, .. } => {
            Some(args.steps.iter().map(|step| step.name.as_str()).collect())
        }
        Operation::ContainerRun { id, .. } => Some(vec![id]),
        Operation::InferenceRun { .. } => None,
    }
}

/// A node writes the output: it must name the definition's steps, and no files outside of the work
/// folder.
fn check(steps: &[&str], output: &CommandOutput) -> Result<()> {
    ensure!(
        output.steps.iter().map(|step| step.name.as_str()).eq(steps.iter().copied()),
        "it has other steps"
    );
    let leads_out = |artifact: &&Artifact| {
        let path = Path::new(&artifact.path);
        artifact.path.is_empty()
            || !path.components().all(|part| matches!(part, Component::Normal(_)))
    };
    let outside = output.artifacts.iter().find(leads_out);
    ensure!(
        outside.is_none(),
        "`{}` is no path of the work folder",
        outside.map_or("", |it| &it.path).escape_debug()
    );
    Ok(())
}

fn log(step: &StepOutput, store: &Store) -> Result<Option<Vec<u8>>> {
    step.log.map(|log| store.get(&log, MAX_OUTPUT_BYTES).context(MISSING)).transpose()
}

fn with_logs(output: &CommandOutput, store: &Store) -> Result<Value> {
    let mut value = serde_json::to_value(output)?;
    let steps = value.get_mut("steps").and_then(Value::as_array_mut).context("no steps")?;
    for (step, value) in output.steps.iter().zip(steps) {
        let text = log(step, store)?.map(|log| String::from_utf8_lossy(&log).into_owned());
        value.as_object_mut().context("no step")?.insert("log_text".to_owned(), json!(text));
    }
    Ok(value)
}

/// Logs on the output, what is said about them beside it.
fn print(id: &str, output: &CommandOutput, store: &Store) -> Result<()> {
    let mut out = std::io::stdout();
    for step in &output.steps {
        if let Some(log) = log(step, store)? {
            let log = if out.is_terminal() { for_terminal(&log) } else { log };
            out.write_all(&log)?;
            out.flush()?;
        }
        eprintln!("{id} / {}: {}", step.name, ending(step));
    }
    for (name, found) in &output.results {
        eprintln!("{id} result {name}: {}", found.join(", ").escape_debug());
    }
    for artifact in &output.artifacts {
        eprintln!(
            "{id} kept {} ({} bytes, {})",
            artifact.path.escape_debug(),
            artifact.size_bytes,
            artifact.content
        );
    }
    for left in &output.left_out {
        eprintln!("{id} did not keep {}: {}", left.path.escape_debug(), left.reason.escape_debug());
    }
    Ok(())
}

fn ending(step: &StepOutput) -> String {
    let seconds = match (step.started_unix_ms, step.ended_unix_ms) {
        (Some(started), Some(ended)) => {
            format!(" after {:.1} s", ended.saturating_sub(started) as f64 / 1e3)
        }
        _ => String::new(),
    };
    let cut = if step.log_truncated { ", the log is cut" } else { "" };
    match (step.status, step.exit_code, step.limit) {
        (StepStatus::Skipped, ..) => "skipped, because a step before it failed".to_owned(),
        (_, _, Some(limit)) => {
            format!("ended by its limit ({limit:?}){seconds}{cut}").to_lowercase()
        }
        (StepStatus::Stopped, Some(code), _) => {
            format!("ended with its service, exit code {code}{seconds}{cut}")
        }
        (_, Some(code), _) => format!("exit code {code}{seconds}{cut}"),
        _ => format!("the node does not say how it ended{seconds}{cut}"),
    }
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::{Enforcement, LeftOut};

    use super::{super::save::save, *};

    fn output(paths: &[&str]) -> CommandOutput {
        let content = ContentId::from_digest([1; 32]);
        let artifact = |path: &&str| Artifact { path: path.to_string(), size_bytes: 1, content };
        let [memory, processes, cpus, disk] = [(); 4].map(|()| String::new());
        CommandOutput {
            steps: vec![StepOutput::skipped("one")],
            artifacts: paths.iter().map(artifact).collect(),
            left_out: Vec::<LeftOut>::new(),
            enforcement: Enforcement { memory, processes, cpus, disk },
            results: Default::default(),
        }
    }

    #[test]
    fn a_nodes_output_names_the_steps_and_stays_in_the_folder() {
        assert!(check(&["one"], &output(&["a", "b/c"])).is_ok());
        for path in ["", "..", "../a", "a/../../b", "/etc/passwd", "./a"] {
            assert!(check(&["one"], &output(&[path])).is_err(), "{path}");
        }
        assert!(check(&[], &output(&[])).is_err());
    }

    #[test]
    fn only_what_hashes_right_is_saved() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        let content = store.put(b"kept").unwrap();
        let good = Artifact { path: "a/b".into(), size_bytes: 4, content };
        save(&good, folder.path(), &store).unwrap();
        assert_eq!(std::fs::read(folder.path().join("a/b")).unwrap(), b"kept");
        assert!(save(&Artifact { size_bytes: 5, ..good.clone() }, folder.path(), &store).is_err());
        let unknown = Artifact { content: ContentId::from_digest([1; 32]), ..good };
        assert!(save(&unknown, folder.path(), &store).unwrap_err().to_string().contains("--store"));
    }
}
