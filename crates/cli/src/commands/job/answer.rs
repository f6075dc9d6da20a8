//! The answer to a job: its definition, its result, and the outputs.

use std::path::{Component, Path};

use anyhow::{Context, Result, bail, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{
    Artifact, CommandOutput, ContentId, EmbeddingOutput, GenerationOutput, InferenceArgs,
    JobDefinition, JobResult, Operation, OperationResult, OutputType, ServingOutput,
};
use nosana_store::Store;
use serde_json::{Map, Value, json};
use solana_address::Address;

use super::{
    artifacts::check_artifacts,
    content::{read_definition, read_json},
    cost::JobCost,
};

/// The definition of a job and what its node produced. A command loads it once: this reads every
/// file once, checks its hash, parses it, and checks that the outputs answer the definition.
pub struct Answer {
    /// The job.
    pub job: Address,
    /// The identifier of the result; a service's result is its node's last checkpoint.
    pub result_id: ContentId,
    /// The definition.
    pub definition: JobDefinition,
    /// The result: one entry for each operation.
    pub result: JobResult,
    /// The cost of the job, as its account shows it.
    pub cost: JobCost,
    /// The outputs: one entry for each operation, `None` if the operation failed.
    pub outputs: Vec<Option<OperationOutput>>,
}

/// The output of one operation.
pub enum OperationOutput {
    /// One vector for each input.
    Embedding(EmbeddingOutput),
    /// One text for each input.
    Generation(GenerationOutput),
    /// What a served model did.
    Serving(ServingOutput),
    /// Commands or a container: steps with logs, and artifacts.
    Command(CommandOutput),
}

/// One operation of an answer.
pub struct AnswerPart<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// Its entry in the result.
    pub result: &'a OperationResult,
    /// Its output; `None` if it failed.
    pub output: Option<&'a OperationOutput>,
}

impl Answer {
    /// Loads the answer to a job that has a result.
    pub fn load(store: &Store, address: Address, job: &Job) -> Result<Self> {
        let definition = read_definition(store, &ContentId::from_digest(job.definition))?;

        let result_id = ContentId::from_digest(result_digest(job));
        let result: JobResult = read_json(store, &result_id)?;
        result
            .validate(&definition)
            .context("the node's result does not answer the job's definition")?;

        // The result has the definition's operations in the definition's order.
        let pairs = definition.ops.iter().zip(&result.ops);
        let outputs = pairs
            .map(|(operation, result)| OperationOutput::load(store, operation, result))
            .collect::<Result<_>>()?;
        let cost = JobCost::from_account(job)?;
        Ok(Self { job: address, result_id, definition, result, cost, outputs })
    }

    /// The operations with their results and outputs, in order.
    pub fn parts(&self) -> impl Iterator<Item = AnswerPart<'_>> {
        let results = self.result.ops.iter().zip(&self.outputs);
        self.definition.ops.iter().zip(results).map(|(operation, (result, output))| AnswerPart {
            operation,
            result,
            output: output.as_ref(),
        })
    }

    /// Whether an operation has steps with logs.
    pub fn has_commands(&self) -> bool {
        self.parts().any(|part| part.is_command())
    }

    /// The outputs by operation.
    pub fn outputs_to_json(&self) -> Result<Value> {
        let mut outputs = Map::new();
        for part in self.parts() {
            outputs.insert(part.operation.id().to_owned(), part.to_json()?);
        }
        Ok(Value::Object(outputs))
    }
}

impl AnswerPart<'_> {
    /// Whether the operation has steps with logs.
    pub fn is_command(&self) -> bool {
        self.operation.step_names().is_some()
    }

    /// The reason that the node gives for a failed operation; empty if it succeeded.
    pub fn error(&self) -> &str {
        self.result.error.as_deref().unwrap_or_default()
    }

    /// The output, or the error of an operation that failed.
    pub fn to_json(&self) -> Result<Value> {
        Ok(match self.output {
            Some(output) => output.to_json()?,
            None => json!({ "error": self.result.error }),
        })
    }
}

impl OperationOutput {
    fn load(
        store: &Store,
        operation: &Operation,
        result: &OperationResult,
    ) -> Result<Option<Self>> {
        let Some(content) = &result.output else { return Ok(None) };
        let output = match operation.output_type() {
            OutputType::Embedding => Self::Embedding(read_json(store, content)?),
            OutputType::Generation => Self::Generation(read_json(store, content)?),
            OutputType::Serving => Self::Serving(read_json(store, content)?),
            OutputType::Command => Self::Command(read_json(store, content)?),
        };

        output.check(operation).with_context(|| {
            format!("the output of `{}` does not answer its definition", operation.id())
        })?;
        Ok(Some(output))
    }

    /// Fails if the output, which the node wrote, is not one of this operation.
    fn check(&self, operation: &Operation) -> Result<()> {
        let args = operation.inference_args();
        let inputs = args.map_or(0, |args| args.inputs.len());

        match self {
            Self::Embedding(output) => {
                ensure!(output.is_well_formed(inputs), "it does not have a vector for each input");
            }
            Self::Generation(output) => {
                let max_tokens = args.map_or(0, InferenceArgs::max_tokens);
                let is_well_formed = output.is_well_formed(inputs, max_tokens);
                ensure!(
                    is_well_formed,
                    "it does not have a text of the right length for each input"
                );
            }
            // Any count is one.
            Self::Serving(_) => {}
            Self::Command(output) => {
                check_steps(&operation.step_names().unwrap_or_default(), output)?;
                check_paths(output)?;
                check_artifacts(operation, output)?;
            }
        }
        Ok(())
    }

    /// The output as JSON.
    fn to_json(&self) -> Result<Value> {
        Ok(match self {
            // By way of text, which has the shortest form of each 32-bit number.
            Self::Embedding(output) => serde_json::from_str(&serde_json::to_string(output)?)?,
            Self::Generation(output) => serde_json::from_str(&serde_json::to_string(output)?)?,
            Self::Serving(output) => serde_json::to_value(output)?,
            Self::Command(output) => serde_json::to_value(output)?,
        })
    }
}

/// The digest of the job's result; of a service, its node's last checkpoint.
fn result_digest(job: &Job) -> [u8; 32] {
    if job.is_service() { job.checkpoint } else { job.result }
}

/// The node writes the output: it must list the definition's steps.
fn check_steps(steps: &[&str], output: &CommandOutput) -> Result<()> {
    ensure!(
        output.steps.iter().map(|step| step.name.as_str()).eq(steps.iter().copied()),
        "it has other steps"
    );
    Ok(())
}

/// The node writes the output: no path may lead out of the work folder.
fn check_paths(output: &CommandOutput) -> Result<()> {
    let leads_out = |artifact: &&Artifact| {
        let path = Path::new(&artifact.path);
        artifact.path.is_empty()
            || !path.components().all(|part| matches!(part, Component::Normal(_)))
    };

    if let Some(outside) = output.artifacts.iter().find(leads_out) {
        bail!("`{}` is not a path in the work folder", outside.path.escape_debug());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::{EnforcementReport, LeftOutReport, StepOutput};

    use super::{
        super::command_logs::{LogOptions, show_command_logs},
        *,
    };

    fn output(paths: &[&str]) -> CommandOutput {
        let content = ContentId::from_digest([1; 32]);
        let artifact = |path: &&str| Artifact { path: path.to_string(), size_bytes: 1, content };
        let [memory, processes, cpus, disk] = [(); 4].map(|()| String::new());
        CommandOutput {
            steps: vec![StepOutput::skipped("one")],
            artifacts: paths.iter().map(artifact).collect(),
            left_out: Vec::<LeftOutReport>::new(),
            enforcement: EnforcementReport { memory, processes, cpus, disk },
            results: Default::default(),
        }
    }

    #[test]
    fn a_nodes_output_lists_the_steps_and_stays_in_the_folder() {
        assert!(check_steps(&["one"], &output(&["a"])).is_ok());
        assert!(check_steps(&[], &output(&[])).is_err());

        assert!(check_paths(&output(&["a", "b/c"])).is_ok());
        for path in ["", "..", "../a", "a/../../b", "/etc/passwd", "./a"] {
            assert!(check_paths(&output(&[path])).is_err(), "{path}");
        }
    }

    #[test]
    fn an_answer_is_checked_as_it_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let step = json!({ "name": "one", "run": "true" });
        let args = json!({ "steps": [step], "artifacts": ["kept"] });
        let definition: JobDefinition = serde_json::from_value(json!({
            "version": "nosana/1",
            "ops": [{ "id": "run", "type": "command/run", "args": args }],
        }))
        .unwrap();
        let definition_id = store.put_json(&definition).unwrap();
        let answer_with = |operation: OperationResult| {
            let engine = nosana_job_spec::EngineInfo { device: "a".into(), backend: "cpu".into() };
            let ops = vec![operation];
            let result = store.put_json(&JobResult::new(definition_id, ops, engine)).unwrap();
            let mut job = zeroed_job();
            job.definition = definition_id.digest();
            job.result = result.digest();
            Answer::load(&store, Address::default(), &job)
        };
        let answer = |output: &CommandOutput| {
            answer_with(OperationResult::ok("run", 1, 2, store.put_json(output).unwrap()))
        };

        let loaded = answer(&output(&["kept"])).unwrap();
        assert!(loaded.has_commands());
        assert_eq!(loaded.outputs_to_json().unwrap()["run"]["artifacts"][0]["path"], "kept");
        for path in ["other", "../kept"] {
            let error = answer(&output(&[path])).err().unwrap().to_string();
            assert!(error.contains("`run` does not answer its definition"), "{error}");
        }

        let foreign = store.put_json(&json!({ "generations": [] })).unwrap();
        let error = answer_with(OperationResult::ok("run", 1, 2, foreign)).err().unwrap();
        assert!(format!("{error:#}").contains("steps"), "{error:#}");

        let failed = answer_with(OperationResult::failed("run", 1, 2, "no memory")).unwrap();
        assert_eq!(failed.outputs_to_json().unwrap()["run"]["error"], "no memory");
        let shown = show_command_logs(&store, &failed, LogOptions::default()).unwrap();
        assert!(!shown, "a failed operation is not a success");
    }

    fn zeroed_job() -> Job {
        use nosana_client::ProgramAccount;
        Job::from_data(&[Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat()).unwrap()
    }
}
