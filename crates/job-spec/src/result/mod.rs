//! The job result: the file that a node submits, and the chain commits to.
//!
//! Its canonical form is compact JSON with the fields in the order in which the types below declare
//! them, as `serde_json` writes it. `nosana-store` stores exactly that, and the instruction
//! `finish` submits its digest.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{ContentId, JobDefinition, MAX_OPERATIONS, Operation, Salt, definition::id::id_schema};

/// The version of the results that this crate writes and reads.
pub const RESULT_VERSION: &str = "nosana-result/1";

/// The outcome of a whole job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobResult {
    /// [`RESULT_VERSION`].
    #[schemars(extend("const" = RESULT_VERSION))]
    pub version: String,
    /// The definition that was run.
    pub definition: ContentId,
    /// One outcome for each operation, in the definition's order.
    #[schemars(length(min = 1, max = MAX_OPERATIONS))]
    pub ops: Vec<OperationResult>,
    /// The hardware that ran it, as the node reports it.
    pub engine: EngineInfo,
    /// The definition's salt, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<Salt>,
}

/// The outcome of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = output_or_error)]
pub struct OperationResult {
    /// The operation's name in the definition.
    #[schemars(schema_with = "id_schema")]
    pub id: String,
    /// Whether it succeeded.
    pub status: OperationStatus,
    /// When it began, in milliseconds since 1970 by the node's clock.
    pub started_unix_ms: u64,
    /// When it ended, in milliseconds since 1970 by the node's clock.
    pub ended_unix_ms: u64,
    /// Its output; present if and only if the status is `ok`.
    pub output: Option<ContentId>,
    /// Why it failed; present if and only if the status is `failed`.
    pub error: Option<String>,
}

/// Whether an operation succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OperationStatus {
    /// It succeeded, and has an output.
    Ok,
    /// It failed, and has an error.
    Failed,
}

/// The hardware and the software interface that ran a job. Nodes can claim anything here: it is
/// informative, not proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EngineInfo {
    /// The name of the graphics processor, or of the CPU.
    pub device: String,
    /// The part of llama.cpp that drives it: `cpu`, `vulkan`, `cuda` or `metal`.
    pub backend: String,
}

/// A result that does not fit its definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {problem}")]
pub struct ResultError {
    /// The field of the result, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong with it.
    pub problem: String,
}

impl OperationResult {
    /// An operation that produced this output.
    pub fn ok(
        id: impl Into<String>,
        started_unix_ms: u64,
        ended_unix_ms: u64,
        output: ContentId,
    ) -> Self {
        Self {
            id: id.into(),
            status: OperationStatus::Ok,
            started_unix_ms,
            ended_unix_ms,
            output: Some(output),
            error: None,
        }
    }

    /// An operation that failed for this reason.
    pub fn failed(
        id: impl Into<String>,
        started_unix_ms: u64,
        ended_unix_ms: u64,
        error: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            status: OperationStatus::Failed,
            started_unix_ms,
            ended_unix_ms,
            output: None,
            error: Some(error.into()),
        }
    }

    /// Checks that the output, the error and the times are consistent. `pointer` is the operation's
    /// place in the result.
    fn validate_outcome(&self, pointer: &str) -> Result<(), ResultError> {
        let is_consistent = match self.status {
            OperationStatus::Ok => self.output.is_some() && self.error.is_none(),
            OperationStatus::Failed => {
                self.output.is_none() && self.error.as_ref().is_some_and(|error| !error.is_empty())
            }
        };

        if !is_consistent {
            return refuse_field(
                pointer,
                "must have an output if its status is `ok`, or an error if it is `failed`; never \
                 both",
            );
        }
        if self.ended_unix_ms < self.started_unix_ms {
            return refuse_field(&format!("{pointer}/ended_unix_ms"), "is before the start");
        }
        Ok(())
    }
}

impl JobResult {
    /// A result in the version of this crate.
    pub fn new(definition: ContentId, ops: Vec<OperationResult>, engine: EngineInfo) -> Self {
        Self { version: RESULT_VERSION.into(), definition, ops, engine, salt: None }
    }

    /// The result with the salt of its definition.
    pub fn with_salt(self, salt: Option<Salt>) -> Self {
        Self { salt, ..self }
    }

    /// Whether every operation succeeded.
    pub fn succeeded(&self) -> bool {
        self.ops.iter().all(|op| op.status == OperationStatus::Ok)
    }

    /// Checks that the result fits `definition`: every operation once, in order, each with an
    /// output or an error, and its salt. It does not read the outputs.
    pub fn validate(&self, definition: &JobDefinition) -> Result<(), ResultError> {
        if self.version != RESULT_VERSION {
            return refuse_field("/version", format!("is not `{RESULT_VERSION}`"));
        }
        if self.salt != definition.salt {
            return refuse_field("/salt", "is not that of the definition");
        }

        let expected: Vec<&str> = definition.ops.iter().map(Operation::id).collect();
        let actual: Vec<&str> = self.ops.iter().map(|op| op.id.as_str()).collect();

        if expected != actual {
            let missing: HashSet<_> = expected.iter().filter(|id| !actual.contains(id)).collect();

            return refuse_field(
                "/ops",
                format!("are not the definition's operations in order; missing: {missing:?}"),
            );
        }

        self.ops
            .iter()
            .enumerate()
            .try_for_each(|(index, op)| op.validate_outcome(&format!("/ops/{index}")))
    }
}

fn refuse_field(pointer: &str, problem: impl Into<String>) -> Result<(), ResultError> {
    Err(ResultError { pointer: pointer.into(), problem: problem.into() })
}

/// Ties the output and the error of an operation to its status.
fn output_or_error(schema: &mut Schema) {
    let condition = |status: &str, present: &str, absent: &str, value: Value| {
        json!({
            "if": { "properties": { "status": { "const": status } } },
            "then": {
                "required": [present],
                "properties": { present: value, absent: { "type": "null" } },
            },
        })
    };

    let conditions = [
        condition("ok", "output", "error", json!({ "type": "string" })),
        condition("failed", "error", "output", json!({ "type": "string", "minLength": 1 })),
    ];
    schema.insert("allOf".to_owned(), conditions.to_vec().into());
}
