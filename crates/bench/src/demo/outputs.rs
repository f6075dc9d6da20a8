//! The outputs of a job, read from the store.

use anyhow::{Context, Result};
use nosana_job_spec::{EmbeddingOutput, Generation, GenerationOutput, JobResult};
use nosana_store::Store;
use serde::de::DeserializeOwned;

use super::plan::{ANSWER, EMBED};

/// The outputs of one job.
pub struct JobOutputs {
    pub embeddings: EmbeddingOutput,
    pub answers: GenerationOutput,
}

impl JobOutputs {
    /// Reads the outputs of both operations.
    pub fn load(result: &JobResult, store: &Store) -> Result<Self> {
        Ok(Self {
            embeddings: load_output(result, EMBED, store)?,
            answers: load_output(result, ANSWER, store)?,
        })
    }

    /// The answer to the job's only question.
    pub fn first_answer(self) -> Result<Generation> {
        self.answers.generations.into_iter().next().context("the output has no answer")
    }
}

/// Reads the output of the operation `id`.
fn load_output<T: DeserializeOwned>(result: &JobResult, id: &str, store: &Store) -> Result<T> {
    let operation = result.ops.iter().find(|operation| operation.id == id);
    let operation = operation.with_context(|| format!("the result has no operation `{id}`"))?;
    let failed =
        || operation.error.clone().unwrap_or_else(|| format!("the operation `{id}` has no output"));

    Ok(store.get_json(&operation.output.with_context(failed)?)?)
}
