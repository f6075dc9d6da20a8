//! What jobs say and what they answer, addressed by content.
//!
//! A job's definition and its result are JSON files. The chain holds only their digests; the files
//! live here, in a [`Store`]: a folder of IPFS blocks in which the name of everything is its hash,
//! so that whoever reads a file knows that it is the one the chain means.
//!
//! - [`ContentId`]: the 32-byte digest on the chain, and `Qm…` to people.
//! - [`Store`]: puts and gets files of any size; every read checks every hash.
//! - [`JobDefinition`]: what to run, version `nosana/1`.
//! - [`Document`]: the JSON schemas of both, and what they find wrong with a file.
//! - [`JobResult`], [`EmbeddingOutput`], [`GenerationOutput`] and [`CommandOutput`]: what came out,
//!   version `nosana-result/1`, and when two outputs agree.
//! - [`ServiceReport`]: what a service prints while it runs, version `nosana-service/1`.

mod command_output;
mod content_id;
mod definition;
mod digest;
mod embedding;
mod error;
mod garbage;
mod generation;
mod ipfs;
mod result;
mod schema;
mod service_report;
mod store;

pub use command_output::{
    Artefact, CommandOutput, Enforcement, LeftOut, Limit, MAX_ARTEFACT_BYTES, MAX_ARTEFACTS,
    StepOutput, StepStatus,
};
pub use content_id::ContentId;
pub use definition::{
    CommandArgs, CommandInput, CommandLimits, ContainerArgs, DEFAULT_MAX_TOKENS,
    DEFINITION_VERSION, DefinitionError, Execution, InferenceArgs, JobDefinition, LogStream,
    MAX_COMMAND_BYTES, MAX_COMMAND_INPUT_BYTES, MAX_COMMAND_INPUTS, MAX_ENVIRONMENT_BYTES,
    MAX_INPUT_BYTES, MAX_INPUTS, MAX_MATCHES, MAX_OPERATIONS, MAX_OUTPUT_BYTES, MAX_PATTERNS,
    MAX_PROMPT_BYTES, MAX_RESULTS, MAX_STEPS, MAX_TIMEOUT_SECONDS, MAX_TOKENS, MAX_VARIABLE_BYTES,
    MAX_VARIABLES, MAX_VOLUMES, Operation, PUBLISHED_VERSION, ResultRule, Run, Step, StreamRule,
    Task, Volume, stages,
};
pub use digest::{Digest, ModelDigest};
pub use embedding::{Comparison, EMBEDDING_BOUND, EmbeddingOutput};
pub use error::{InvalidContentId, InvalidModelDigest, StoreError};
pub use garbage::Collected;
pub use generation::{FinishReason, Generation, GenerationOutput};
pub use result::{
    EngineInfo, JobResult, OperationResult, OperationStatus, RESULT_VERSION, ResultError,
};
pub use schema::{Document, Problem};
pub use service_report::{SERVICE_REPORT_VERSION, ServiceReport};
pub use store::{MAX_BLOCK_BYTES, MAX_JSON_BYTES, Store};
