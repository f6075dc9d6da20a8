//! The logs and artifacts of a job's commands.

use std::path::Path;

use anyhow::{Result, ensure};
use nosana_store::Store;
use serde_json::{Map, json};

use super::{
    answer::{Answer, OperationOutput},
    artifacts::save_artifact,
    check_means::CheckPlan,
    history::{JobHistory, transactions_to_json},
    output::{StepLogs, command_output_to_json, print_command_output, read_step_logs},
    shown_log::is_shown,
    verdict::Verdict,
};
use crate::commands::values::print_json;

/// What to do with the logs.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogOptions<'a> {
    /// Folder for the artifacts, if they are saved.
    pub artifacts_to: Option<&'a Path>,
    /// Whether to print JSON.
    pub as_json: bool,
    /// Whether to print logs byte by byte.
    pub raw: bool,
    /// What was printed while the job ran, if that is everything.
    pub shown: Option<&'a [u8]>,
    /// Whether to keep the challenge window of a result that is followed.
    pub keeps_window: bool,
    /// How a result that is followed is checked; `None` for not at all.
    pub check: Option<CheckPlan>,
    /// The verdict on the job; `None` for that on its answer.
    pub verdict: Option<Verdict>,
    /// The job's transactions for JSON; `None` if the network's node does not return them.
    pub history: Option<&'a JobHistory>,
}

/// Prints the logs of all commands and saves their artifacts. Returns whether the job
/// succeeded.
pub fn show_command_logs(store: &Store, answer: &Answer, options: LogOptions<'_>) -> Result<bool> {
    let LogOptions { artifacts_to, as_json, raw, verdict, shown, history, .. } = options;
    let verdict = verdict.unwrap_or_else(|| Verdict::from_answer(answer));
    let mut logs = Map::new();
    let logs_choice = choose_logs(store, answer, shown, raw)?;

    for part in answer.parts() {
        let id = part.operation.id();
        let output = match part.output {
            Some(OperationOutput::Command(output)) => output,
            Some(
                OperationOutput::Embedding(_)
                | OperationOutput::Generation(_)
                | OperationOutput::Serving(_),
            ) => continue,
            // The node reports that it could not run the operation: there is no output.
            None => {
                if as_json {
                    logs.insert(id.to_owned(), part.to_json()?);
                } else {
                    eprintln!("{id} failed: {}", part.error().escape_debug());
                }
                continue;
            }
        };

        let missing = part.operation.expected_artifacts().find_missing(&output.artifacts);
        if as_json {
            let mut log = command_output_to_json(output, store)?;
            log["missing_artifacts"] = json!(missing);
            logs.insert(id.to_owned(), log);
        } else {
            print_command_output(id, output, store, logs_choice)?;
            for name in &missing {
                eprintln!("{id} failed: nothing was kept of the artifact {}", name.escape_debug());
            }
        }

        if let Some(folder) = artifacts_to {
            for artifact in &output.artifacts {
                save_artifact(artifact, folder, store)?;
            }
            if !as_json {
                eprintln!("{} file(s) in {}", output.artifacts.len(), folder.display());
            }
        }
    }

    ensure!(
        as_json || answer.has_commands(),
        "the job has no commands; `nosana job wait {}` prints its result",
        answer.job
    );
    if as_json {
        print_json(&json!({
            "job": answer.job.to_string(),
            "result": answer.result_id.to_string(),
            "succeeded": verdict.has_succeeded(),
            "exit_code": verdict.exit_code(),
            "outputs": logs,
            "cost": answer.cost.to_json(),
            "transactions": transactions_to_json(history),
        }))?;
    }
    Ok(verdict.has_succeeded())
}

/// Leaves out logs that are printed already. The stored ones count.
fn choose_logs(
    store: &Store,
    answer: &Answer,
    shown: Option<&[u8]>,
    raw: bool,
) -> Result<StepLogs> {
    let Some(shown) = shown else { return Ok(StepLogs::Print { raw }) };
    let mut stored = Vec::new();
    for part in answer.parts() {
        if let Some(OperationOutput::Command(output)) = part.output {
            stored.extend(read_step_logs(output, store)?);
        }
    }

    if is_shown(&stored, shown) {
        return Ok(StepLogs::LeaveOut);
    }
    if !shown.is_empty() {
        eprintln!("the log as it is stored differs from what was printed above:");
    }
    Ok(StepLogs::Print { raw })
}
