//! Printing the outputs of operations.

use anyhow::{Context, Result};
use nosana_job_spec::{
    CommandOutput, FinishReason, GenerationOutput, MAX_OUTPUT_BYTES, StepOutput, StepStatus,
};
use nosana_store::Store;
use serde_json::{Value, json};

use super::{
    answer::{AnswerPart, OperationOutput},
    content::read_bytes,
    shown_log::StoredLog,
};
use crate::terminal::{sanitize_text, write_log};

/// Prints the output of an operation that has no logs: generated texts as text, vectors and errors
/// as JSON. [`print_command_output`] prints the others.
pub fn print_output(part: &AnswerPart<'_>) -> Result<()> {
    match part.output {
        Some(OperationOutput::Generation(output)) => print_generations(output),
        Some(OperationOutput::Embedding(_) | OperationOutput::Serving(_)) | None => {
            let json = part.to_json()?.to_string();
            println!("{}: {}", part.operation.id(), sanitize_text(&json));
        }
        Some(OperationOutput::Command(_)) => {}
    }
    Ok(())
}

fn print_generations(output: &GenerationOutput) {
    for generation in &output.generations {
        // The text is a stranger's: it must not move the cursor.
        println!("{}", sanitize_text(&generation.text));

        let tokens = generation.token_ids.len();
        match generation.finish_reason {
            FinishReason::Stop => {}
            FinishReason::Length => {
                eprintln!("(cut off after {tokens} tokens; allow more with --max-tokens)")
            }
            FinishReason::Time => {
                eprintln!("(the job's time ended after {tokens} tokens; extend it with --timeout)")
            }
        }
    }
}

/// What happens with the logs of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepLogs {
    /// They are printed, byte by byte if `raw`.
    Print {
        /// Whether sequences that may control the terminal are left in.
        raw: bool,
    },
    /// They are printed already.
    LeaveOut,
}

/// Prints the steps' logs to standard output, and notes about them to standard error.
pub fn print_command_output(
    id: &str,
    output: &CommandOutput,
    store: &Store,
    logs: StepLogs,
) -> Result<()> {
    for step in &output.steps {
        match (logs, read_log(step, store)?) {
            (StepLogs::Print { raw }, Some(log)) => write_log(&log, raw),
            (StepLogs::Print { .. } | StepLogs::LeaveOut, _) => {}
        }
        eprintln!("{id} / {}: {}", step.name, describe_end(step));
    }

    for (name, found) in &output.results {
        eprintln!("{id} result {name}: {}", found.join(", ").escape_debug());
    }
    for artifact in &output.artifacts {
        let path = artifact.path.escape_debug();
        eprintln!("{id} kept {path} ({} bytes, {})", artifact.size_bytes, artifact.content);
    }
    for left_out in &output.left_out {
        let path = left_out.path.escape_debug();
        eprintln!("{id} did not keep {path}: {}", left_out.reason.escape_debug());
    }
    Ok(())
}

/// Returns the output as JSON, with the text of each step's log.
pub fn command_output_to_json(output: &CommandOutput, store: &Store) -> Result<Value> {
    let mut value = serde_json::to_value(output)?;

    let steps = value.get_mut("steps").and_then(Value::as_array_mut).context("no steps")?;
    for (step, value) in output.steps.iter().zip(steps) {
        let text = read_log(step, store)?.map(|log| String::from_utf8_lossy(&log).into_owned());
        value.as_object_mut().context("no step")?.insert("log_text".to_owned(), json!(text));
    }
    Ok(value)
}

/// Returns the logs of all steps.
pub fn read_step_logs(output: &CommandOutput, store: &Store) -> Result<Vec<StoredLog>> {
    let read = |step: &StepOutput| {
        let bytes = read_log(step, store)?.unwrap_or_default();
        Ok(StoredLog { bytes, is_cut: step.log_truncated })
    };
    output.steps.iter().map(read).collect()
}

fn read_log(step: &StepOutput, store: &Store) -> Result<Option<Vec<u8>>> {
    step.log.map(|log| read_bytes(store, &log, MAX_OUTPUT_BYTES)).transpose()
}

/// How a step ended, and after which time.
fn describe_end(step: &StepOutput) -> String {
    let duration = match (step.started_unix_ms, step.ended_unix_ms) {
        (Some(started), Some(ended)) => {
            format!(" after {:.1} s", ended.saturating_sub(started) as f64 / 1e3)
        }
        (None, _) | (_, None) => String::new(),
    };
    let truncated = if step.log_truncated {
        ", the log was cut; --log-limit or `output_bytes` keeps more"
    } else {
        ""
    };

    match (step.status, step.exit_code, step.limit) {
        (StepStatus::Skipped, ..) => "skipped, because an earlier step failed".to_owned(),
        (_, _, Some(limit)) => {
            format!("ended by its limit ({limit:?}){duration}{truncated}").to_lowercase()
        }
        (StepStatus::Stopped, Some(code), _) => {
            format!("stopped, exit code {code}{duration}{truncated}")
        }
        (_, Some(code), _) => format!("exit code {code}{duration}{truncated}"),
        (_, None, None) => format!("the node does not report how it ended{duration}{truncated}"),
    }
}
