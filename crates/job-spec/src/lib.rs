//! Job definitions and job results: their types, their JSON schemas and their validation.
//!
//! A job's definition and its result are JSON files. The chain stores only their digests. This
//! crate reads no disk and no network: `nosana-store` keeps the files.
//!
//! - [`ContentId`]: the 32-byte digest on the chain, and `Qm…` in text.
//! - [`JobDefinition`]: the operations to run, version `nosana/1`.
//! - [`Document`]: the JSON schemas of both, and the problems they find in a file.
//! - [`JobResult`], [`EmbeddingOutput`], [`GenerationOutput`] and [`CommandOutput`]: the results,
//!   version `nosana-result/1`, and when two outputs agree.
//! - [`ServiceReport`]: what a service prints while it runs, version `nosana-service/1`.

mod command_output;
mod content_id;
mod definition;
mod digest;
mod embedding;
mod error;
mod generation;
mod result;
mod schema;
mod service_report;

pub use command_output::{
    Artifact, CommandOutput, Enforcement, LeftOut, Limit, MAX_ARTIFACT_BYTES, MAX_ARTIFACTS,
    StepOutput, StepStatus,
};
pub use content_id::ContentId;
pub use definition::{
    CONTAINER_OUTPUT, CommandArgs, CommandInput, CommandLimits, ContainerArgs, DEFAULT_MAX_TOKENS,
    DEFINITION_VERSION, DefinitionError, Execution, ExpectedArtifacts, InferenceArgs,
    JobDefinition, LogStream, MAX_COMMAND_BYTES, MAX_COMMAND_INPUT_BYTES, MAX_COMMAND_INPUTS,
    MAX_ENVIRONMENT_BYTES, MAX_INPUT_BYTES, MAX_INPUTS, MAX_MATCHES, MAX_OPERATIONS,
    MAX_OUTPUT_BYTES, MAX_PATTERNS, MAX_PROMPT_BYTES, MAX_RESULTS, MAX_STEPS, MAX_TIMEOUT_SECONDS,
    MAX_TOKENS, MAX_VARIABLE_BYTES, MAX_VARIABLES, MAX_VOLUMES, Operation, PUBLISHED_VERSION,
    ResultRule, Run, Step, StreamRule, Task, Volume, stages,
};
pub use digest::{Digest, ModelDigest};
pub use embedding::{Comparison, EMBEDDING_BOUND, EmbeddingOutput};
pub use error::{InvalidContentId, InvalidModelDigest};
pub use generation::{FinishReason, Generation, GenerationOutput};
pub use result::{
    EngineInfo, JobResult, OperationResult, OperationStatus, RESULT_VERSION, ResultError,
};
pub use schema::{Document, Problem};
pub use service_report::{SERVICE_REPORT_VERSION, ServiceReport};
