//! What jobs say and what they answer, addressed by content.
//!
//! A job's definition and its result are JSON files. The chain holds only their digests; the files live here, in a
//! [`Store`]: a folder of IPFS blocks in which the name of everything is its hash, so that whoever reads a file knows
//! that it is the one the chain means.
//!
//! - [`ContentId`]: the 32-byte digest on the chain, and `Qm…` to people.
//! - [`Store`]: puts and gets files of any size; every read checks every hash.
//! - [`JobDefinition`]: what to run, version `nosana/1`.
//! - [`JobResult`] and [`EmbeddingOutput`]: what came out, version `nosana-result/1`, and when two outputs agree.

mod content_id;
mod definition;
mod digest;
mod embedding;
mod error;
mod result;
mod store;

pub use content_id::ContentId;
pub use definition::{
    DEFINITION_VERSION, DefinitionError, InferenceArgs, JobDefinition, MAX_INPUT_BYTES, MAX_INPUTS, MAX_OPERATIONS,
    Operation, Task,
};
pub use digest::{Digest, ModelDigest};
pub use embedding::{Comparison, EMBEDDING_BOUND, EmbeddingOutput};
pub use error::{InvalidContentId, InvalidModelDigest, StoreError};
pub use result::{EngineInfo, JobResult, OperationResult, OperationStatus, RESULT_VERSION, ResultError};
pub use store::{MAX_BLOCK_BYTES, MAX_JSON_BYTES, Store};
