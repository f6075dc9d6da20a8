//! The job definition: what a client asks to be run.
//!
//! ```json
//! {
//!   "version": "nosana/1",
//!   "ops": [
//!     {
//!       "id": "embed",
//!       "type": "inference/run",
//!       "args": { "model": "sha256:53aa…9db", "task": "embedding", "inputs": ["A sentence."] }
//!     }
//!   ]
//! }
//! ```

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::ModelDigest;

/// The version of the definitions that this crate understands.
pub const DEFINITION_VERSION: &str = "nosana/1";
/// The most operations in one job.
pub const MAX_OPERATIONS: usize = 16;
/// The most inputs of one operation.
pub const MAX_INPUTS: usize = 64;
/// The longest input, in bytes of UTF-8.
pub const MAX_INPUT_BYTES: usize = 8 * 1024;
/// The longest name of an operation, in bytes.
const MAX_ID_BYTES: usize = 64;

/// A job: operations that run one after the other.
///
/// Unknown fields are refused, so that nobody pays for a setting that the node would ignore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobDefinition {
    /// [`DEFINITION_VERSION`].
    pub version: String,
    /// What to run, in order.
    pub ops: Vec<Operation>,
}

/// One operation, told apart by its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Operation {
    /// Runs an AI model on the GPU.
    #[serde(rename = "inference/run")]
    InferenceRun {
        /// The operation's name within the job; its result carries the same.
        id: String,
        /// What to infer.
        args: InferenceArgs,
    },
}

impl Operation {
    /// The operation's name within the job.
    pub fn id(&self) -> &str {
        match self {
            Self::InferenceRun { id, .. } => id,
        }
    }
}

/// The arguments of `inference/run`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InferenceArgs {
    /// The model, by the digest of its weights.
    pub model: ModelDigest,
    /// What the model is to do.
    pub task: Task,
    /// The texts to do it with.
    pub inputs: Vec<String>,
}

/// What a model can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One vector of unit length for each input; see [`EmbeddingOutput`](crate::EmbeddingOutput).
    Embedding,
}

/// A definition that cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// It is not JSON of the right shape.
    #[error("the job definition cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It was written for other software.
    #[error("/version: `{0}` is not understood; this software runs `{DEFINITION_VERSION}`")]
    UnsupportedVersion(String),
    /// A field has a value that is not allowed.
    #[error("{pointer}: {problem}")]
    Invalid {
        /// The field, as a JSON pointer (RFC 6901).
        pointer: String,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
}

impl JobDefinition {
    /// A definition with these operations, in the version of this crate. It is not validated yet.
    pub fn new(ops: Vec<Operation>) -> Self {
        Self { version: DEFINITION_VERSION.into(), ops }
    }

    /// Reads and validates a definition.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DefinitionError> {
        /// The version alone, so that a definition from the future is called that and not malformed.
        #[derive(Deserialize)]
        struct Versioned {
            version: String,
        }
        let Versioned { version } = serde_json::from_slice(bytes)?;
        if version != DEFINITION_VERSION {
            return Err(DefinitionError::UnsupportedVersion(version.chars().take(100).collect()));
        }
        let definition: Self = serde_json::from_slice(bytes)?;
        definition.validate()?;
        Ok(definition)
    }

    /// Checks everything that the types do not: the version, names, counts and lengths.
    pub fn validate(&self) -> Result<(), DefinitionError> {
        if self.version != DEFINITION_VERSION {
            return Err(DefinitionError::UnsupportedVersion(self.version.chars().take(100).collect()));
        }
        check_count("/ops", "operations", self.ops.len(), MAX_OPERATIONS)?;
        let mut ids = HashSet::new();
        for (index, op) in self.ops.iter().enumerate() {
            let pointer = format!("/ops/{index}");
            check_id(&format!("{pointer}/id"), op.id())?;
            if !ids.insert(op.id()) {
                return invalid(format!("{pointer}/id"), format!("`{}` names an earlier operation, too", op.id()));
            }
            match op {
                Operation::InferenceRun { args, .. } => args.validate(&format!("{pointer}/args"))?,
            }
        }
        Ok(())
    }
}

impl InferenceArgs {
    fn validate(&self, pointer: &str) -> Result<(), DefinitionError> {
        check_count(&format!("{pointer}/inputs"), "inputs", self.inputs.len(), MAX_INPUTS)?;
        for (index, input) in self.inputs.iter().enumerate() {
            if input.trim().is_empty() {
                return invalid(format!("{pointer}/inputs/{index}"), "is blank; give a text".into());
            }
            if input.len() > MAX_INPUT_BYTES {
                let problem = format!("has {} bytes; at most {MAX_INPUT_BYTES} are allowed", input.len());
                return invalid(format!("{pointer}/inputs/{index}"), problem);
            }
        }
        Ok(())
    }
}

fn check_count(pointer: &str, what: &str, count: usize, max: usize) -> Result<(), DefinitionError> {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    invalid(pointer.into(), format!("has {count} {what}; 1 to {max} are allowed"))
}

fn check_id(pointer: &str, id: &str) -> Result<(), DefinitionError> {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    if (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(is_plain) {
        return Ok(());
    }
    invalid(pointer.into(), format!("must be 1 to {MAX_ID_BYTES} ASCII letters, digits, `-` or `_`"))
}

fn invalid(pointer: String, problem: String) -> Result<(), DefinitionError> {
    Err(DefinitionError::Invalid { pointer, problem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn example() -> Value {
        let model = format!("sha256:{}", "0a".repeat(32));
        let args = json!({ "model": model, "task": "embedding", "inputs": ["one", "two"] });
        json!({ "version": "nosana/1", "ops": [{ "id": "embed", "type": "inference/run", "args": args }] })
    }

    fn parse(value: &Value) -> Result<JobDefinition, DefinitionError> {
        JobDefinition::from_json(value.to_string().as_bytes())
    }

    /// The example with one field replaced.
    fn with(pointer: &str, value: Value) -> Value {
        let mut json = example();
        *json.pointer_mut(pointer).unwrap() = value;
        json
    }

    #[test]
    fn the_documented_shape_is_read_and_written() {
        let definition = parse(&example()).unwrap();
        assert_eq!(serde_json::to_value(&definition).unwrap(), example());
        assert_eq!(definition, JobDefinition::new(definition.ops.clone()));
        assert_eq!(definition.ops[0].id(), "embed");
    }

    #[test]
    fn errors_point_at_the_field() {
        let cases = [
            ("/ops", json!([]), "/ops: has 0 operations; 1 to 16 are allowed"),
            ("/ops", json!(vec![example()["ops"][0].clone(); 17]), "/ops: has 17 operations"),
            ("/ops", json!(vec![example()["ops"][0].clone(); 2]), "/ops/1/id: `embed` names an earlier operation"),
            ("/ops/0/id", json!(""), "/ops/0/id: must be 1 to 64"),
            ("/ops/0/id", json!("a b"), "/ops/0/id: must be 1 to 64"),
            ("/ops/0/args/inputs", json!([]), "/ops/0/args/inputs: has 0 inputs; 1 to 64 are allowed"),
            ("/ops/0/args/inputs", json!(vec!["x"; 65]), "/ops/0/args/inputs: has 65 inputs"),
            ("/ops/0/args/inputs/1", json!(" \n"), "/ops/0/args/inputs/1: is blank"),
            ("/ops/0/args/inputs/1", json!("ä".repeat(4097)), "/ops/0/args/inputs/1: has 8194 bytes; at most 8192"),
            ("/version", json!("nosana/2"), "/version: `nosana/2` is not understood"),
        ];
        for (pointer, value, expected) in cases {
            let error = parse(&with(pointer, value)).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        assert!(parse(&with("/ops/0/args/inputs/1", json!("ä".repeat(4096)))).is_ok());
        assert!(parse(&with("/ops/0/args/inputs", json!(vec!["x"; 64]))).is_ok());
    }

    #[test]
    fn unknown_types_values_and_fields_are_refused() {
        for (pointer, value) in [
            ("/ops/0/type", json!("inference/walk")),
            ("/ops/0/args/task", json!("poetry")),
            ("/ops/0/args/model", json!("all-MiniLM-L6-v2")),
            ("/ops/0/args/inputs", json!("one")),
        ] {
            assert!(matches!(parse(&with(pointer, value)), Err(DefinitionError::Malformed(_))), "{pointer}");
        }
        for object in ["", "/ops/0", "/ops/0/args"] {
            let mut json = example();
            json.pointer_mut(object).unwrap().as_object_mut().unwrap().insert("gpu".into(), json!(1));
            assert!(matches!(parse(&json), Err(DefinitionError::Malformed(_))), "{object}");
        }
        let twice = example().to_string().replacen("\"id\"", "\"id\":\"x\",\"id\"", 1);
        assert!(JobDefinition::from_json(twice.as_bytes()).is_err());
    }
}
