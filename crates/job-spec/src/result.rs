//! The job result: what a node answers, and the chain commits to.
//!
//! Its canonical form is compact JSON with the fields in the order in which the types below declare
//! them, as `serde_json` writes it: [`Store::put_json`](crate::Store::put_json) stores exactly
//! that, and its identifier is what `finish` submits.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContentId, JobDefinition, MAX_OPERATIONS, Operation};

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
    /// What ran it, by its own account.
    pub engine: EngineInfo,
}

/// The outcome of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::schema::output_or_error)]
pub struct OperationResult {
    /// The operation's name in the definition.
    #[schemars(schema_with = "crate::schema::id")]
    pub id: String,
    /// Whether it did what was asked.
    pub status: OperationStatus,
    /// When it began, in milliseconds since 1970 by the node's clock.
    pub started_unix_ms: u64,
    /// When it ended, in milliseconds since 1970 by the node's clock.
    pub ended_unix_ms: u64,
    /// What it produced; there exactly if the status is `ok`.
    pub output: Option<ContentId>,
    /// Why it failed; there exactly if the status is `failed`.
    pub error: Option<String>,
}

/// Whether an operation did what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OperationStatus {
    /// It did, and there is an output.
    Ok,
    /// It did not, and there is a reason.
    Failed,
}

/// The hardware and the software interface that ran a job. Nodes can claim anything here: it
/// informs, it proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EngineInfo {
    /// The graphics adapter's name.
    pub adapter: String,
    /// The graphics interface: `vulkan`, `metal`, `dx12` or `gl`.
    pub backend: String,
}

/// A result that does not answer its definition.
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
        let (status, output) = (OperationStatus::Ok, Some(output));
        Self { id: id.into(), status, started_unix_ms, ended_unix_ms, output, error: None }
    }

    /// An operation that failed for this reason.
    pub fn failed(
        id: impl Into<String>,
        started_unix_ms: u64,
        ended_unix_ms: u64,
        error: impl Into<String>,
    ) -> Self {
        let (status, error) = (OperationStatus::Failed, Some(error.into()));
        Self { id: id.into(), status, started_unix_ms, ended_unix_ms, output: None, error }
    }
}

impl JobResult {
    /// A result in the version of this crate.
    pub fn new(definition: ContentId, ops: Vec<OperationResult>, engine: EngineInfo) -> Self {
        Self { version: RESULT_VERSION.into(), definition, ops, engine }
    }

    /// Whether every operation did what was asked.
    pub fn succeeded(&self) -> bool {
        self.ops.iter().all(|op| op.status == OperationStatus::Ok)
    }

    /// Checks that this is a consistent answer to `definition`: every operation once, in order,
    /// each with an output or a reason. It does not look at the outputs themselves.
    pub fn validate(&self, definition: &JobDefinition) -> Result<(), ResultError> {
        if self.version != RESULT_VERSION {
            return Err(error("/version", format!("is not `{RESULT_VERSION}`")));
        }
        let asked: Vec<&str> = definition.ops.iter().map(Operation::id).collect();
        let answered: Vec<&str> = self.ops.iter().map(|op| op.id.as_str()).collect();
        if asked != answered {
            let missing: HashSet<_> = asked.iter().filter(|id| !answered.contains(id)).collect();
            return Err(error(
                "/ops",
                format!("do not match the definition's, in its order; missing: {missing:?}"),
            ));
        }
        for (index, op) in self.ops.iter().enumerate() {
            let is_consistent = match op.status {
                OperationStatus::Ok => op.output.is_some() && op.error.is_none(),
                OperationStatus::Failed => {
                    op.output.is_none() && op.error.as_ref().is_some_and(|e| !e.is_empty())
                }
            };
            if !is_consistent {
                return Err(error(
                    &format!("/ops/{index}"),
                    "needs an output if its status is ok, and an error if it is failed; never both"
                        .into(),
                ));
            }
            if op.ended_unix_ms < op.started_unix_ms {
                return Err(error(
                    &format!("/ops/{index}/ended_unix_ms"),
                    "is before the start".into(),
                ));
            }
        }
        Ok(())
    }
}

fn error(pointer: &str, problem: String) -> ResultError {
    ResultError { pointer: pointer.into(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, InferenceArgs, ModelDigest, Task};

    fn definition(ids: &[&str]) -> JobDefinition {
        let args =
            InferenceArgs::new(ModelDigest(Digest([1; 32])), Task::Embedding, vec!["x".into()]);
        let op = |id: &&str| Operation::InferenceRun { id: id.to_string(), args: args.clone() };
        JobDefinition::new(ids.iter().map(op).collect())
    }

    fn result() -> JobResult {
        let output = ContentId::from_digest([2; 32]);
        let ops = vec![
            OperationResult::ok("a", 10, 20, output),
            OperationResult::failed("b", 20, 20, "no memory"),
        ];
        let engine = EngineInfo { adapter: "llvmpipe".into(), backend: "vulkan".into() };
        JobResult::new(ContentId::from_digest([3; 32]), ops, engine)
    }

    #[test]
    fn the_canonical_form_is_fixed() {
        let json = serde_json::to_string(&result()).unwrap();
        let definition = ContentId::from_digest([3; 32]);
        let output = ContentId::from_digest([2; 32]);
        let ops = format!(
            r#"{{"id":"a","status":"ok","started_unix_ms":10,"ended_unix_ms":20,"output":"{output}","error":null}},"#
        ) + r#"{"id":"b","status":"failed","started_unix_ms":20,"ended_unix_ms":20,"output":null,"error":"no memory"}"#;
        let engine = r#"{"adapter":"llvmpipe","backend":"vulkan"}"#;
        let expected = format!(
            r#"{{"version":"nosana-result/1","definition":"{definition}","ops":[{ops}],"engine":{engine}}}"#
        );
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_str::<JobResult>(&json).unwrap(), result());
    }

    #[test]
    fn a_result_must_answer_every_operation_once_and_consistently() {
        assert_eq!(result().validate(&definition(&["a", "b"])), Ok(()));
        assert!(!result().succeeded());
        for ids in [&["a"][..], &["b", "a"], &["a", "b", "c"], &[]] {
            assert_eq!(result().validate(&definition(ids)).unwrap_err().pointer, "/ops");
        }
        let broken: [fn(&mut OperationResult); 4] = [
            |op| op.output = None,
            |op| op.error = Some("but".into()),
            |op| op.status = OperationStatus::Failed,
            |op| op.ended_unix_ms = 9,
        ];
        for damage in broken {
            let mut result = result();
            damage(&mut result.ops[0]);
            assert!(
                result
                    .validate(&definition(&["a", "b"]))
                    .unwrap_err()
                    .pointer
                    .starts_with("/ops/0")
            );
        }
    }
}
