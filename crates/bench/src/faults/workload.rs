//! What the jobs of a trial run, and what their results must be.

use anyhow::{Context, Result, bail, ensure};
use nosana_client::jobs::accounts::Node;
use nosana_engine::ALL_MINILM_L6_V2;
use nosana_job_spec::{
    Capabilities, Capability, CommandArgs, CommandLimits, CommandOutput, EmbeddingOutput,
    InferenceArgs, JobDefinition, JobResult, Operation, Step, StepCommand, Task,
};
use nosana_store::Store;
use serde::Serialize;

/// The name of the only operation of each job.
const OPERATION: &str = "run";
/// The longest log that is read, in bytes.
const MAX_LOG_BYTES: u64 = 1_024;
/// A command runs for one to so many seconds, by its number.
const LONGEST_SECONDS: u64 = 3;

/// What the jobs run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobWork {
    /// Commands of one to three seconds.
    Commands,
    /// Embeddings, where the node has no sandbox for commands.
    Embeddings,
}

impl JobWork {
    /// Chooses what the node can run, by its account.
    pub fn choose(node: &Node) -> Self {
        let Node { capabilities: flags, memory_mib, .. } = *node;
        let capabilities = Capabilities { flags, memory_mib };
        if capabilities.has_capability(Capability::Commands) {
            Self::Commands
        } else {
            Self::Embeddings
        }
    }

    /// What a job does, in words.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Commands => "commands of one to three seconds",
            Self::Embeddings => "embeddings of one text",
        }
    }

    /// Returns the definition of the job `number`. No two are equal.
    pub fn build_definition(self, number: u64) -> JobDefinition {
        let id = OPERATION.to_owned();
        let text = name_job(number);
        let operation = match self {
            Self::Commands => {
                let seconds = 1 + number % LONGEST_SECONDS;
                let line = format!("sleep {seconds}; echo {text}");
                Operation::CommandRun { id, args: build_command(line) }
            }
            Self::Embeddings => {
                let model = ALL_MINILM_L6_V2.digest();
                let args = InferenceArgs::new(model, Task::Embedding, [text]);
                Operation::InferenceRun { id, args }
            }
        };
        JobDefinition::new(vec![operation])
    }

    /// Checks that a result is that of the job `number`. Every hash is checked.
    pub fn check_output(self, number: u64, result: &JobResult, store: &Store) -> Result<()> {
        let [operation] = &result.ops[..] else {
            bail!("the result has {} operations, not one", result.ops.len())
        };
        let output = operation.output.context("the operation failed")?;

        match self {
            Self::Commands => {
                let output: CommandOutput = store.get_json(&output)?;
                let [step] = &output.steps[..] else {
                    bail!("the output has {} steps, not one", output.steps.len())
                };
                ensure!(step.succeeded(), "the command failed: {step:?}");
                let log = store.get(&step.log.context("the step has no log")?, MAX_LOG_BYTES)?;
                let expected = format!("{}\n", name_job(number));
                let log = String::from_utf8_lossy(&log);
                ensure!(log == expected, "the log is `{log}`, not `{expected}`");
            }
            Self::Embeddings => {
                let output: EmbeddingOutput = store.get_json(&output)?;
                ensure!(output.is_well_formed(1), "the output is not one vector");
            }
        }
        Ok(())
    }
}

fn name_job(number: u64) -> String {
    format!("job {number}")
}

fn build_command(line: String) -> CommandArgs {
    let run = StepCommand::Line(line);
    let step = Step { name: OPERATION.to_owned(), run, shell: None, timeout_seconds: None };
    // Little, so that all slots of a small machine run at a time.
    let limits = CommandLimits {
        memory_mib: Some(128),
        cpus: Some(1),
        processes: Some(128),
        disk_mib: Some(16),
        ..CommandLimits::default()
    };
    CommandArgs { steps: vec![step], limits, ..CommandArgs::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_valid_and_differ() {
        for work in [JobWork::Commands, JobWork::Embeddings] {
            for number in 1..8 {
                let definition = work.build_definition(number);
                assert!(definition.validate().is_ok() && definition.validate_batch().is_ok());
                assert_ne!(definition, work.build_definition(number + 1));
            }
        }
    }
}
