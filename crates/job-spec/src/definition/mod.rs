//! The job definition: the JSON file that defines what a job runs.
//!
//! ```json
//! {
//!   "version": "nosana/1",
//!   "ops": [
//!     {
//!       "id": "embed",
//!       "type": "inference/run",
//!       "args": { "model": "sha256:405e…e58", "task": "embedding", "inputs": ["A sentence."] }
//!     }
//!   ]
//! }
//! ```
//!
//! | module | purpose |
//! | --- | --- |
//! | `job_definition` | [`JobDefinition`](job_definition::JobDefinition) and its validation |
//! | `read`, `encoding` | a file of either version to a `JobDefinition` |
//! | `warnings` | what is valid and probably not meant |
//! | `verified` | what other nodes can check |
//! | `operation` | the types of operations; dispatches to a file for each |
//! | `output_type` | the types of outputs |
//! | `inference`, `model` | `inference/run` |
//! | `serve` | `inference/serve` |
//! | `input`, `sampling`, `answer_format` | what a model reads, and what it answers |
//! | `command` | `command/run` |
//! | `container` | `container/run` |
//! | `image`, `container_command`, `container_path` | fields of `container/run` |
//! | `resource`, `node_needs` | what a node fetches for a container, and what it must have |
//! | `step`, `shell`, `environment`, `limits`, `artifacts` | parts of arguments |
//! | `references`, `container_texts`, `check_references` | values of other operations |
//! | `expose`, `distinct_ports` | ports that the client reaches |
//! | `health_check`, `health_request` | when a port is ready; what a check over HTTP sends |
//! | `execution`, `result_rule` | parts of a container's operation |
//! | `stages`, `dependency` | the order in which containers run |
//! | `restart_policy` | whether a container is started again |
//! | `matches` | what a result rule finds in a log |
//! | `published` | definitions in Nosana's published schema, version `0.1` |
//! | `id`, `path`, `checks`, `error` | checks that several files share, and their error |
//!
//! CONTRIBUTING.md has the list of files that a new type of operation touches.

pub(crate) mod answer_format;
pub(crate) mod artifacts;
mod check_references;
pub(crate) mod checks;
pub(crate) mod command;
pub(crate) mod container;
mod container_command;
mod container_path;
mod container_texts;
pub(crate) mod dependency;
mod distinct_ports;
pub(crate) mod encoding;
pub(crate) mod environment;
pub(crate) mod error;
pub(crate) mod execution;
pub(crate) mod expose;
pub(crate) mod health_check;
pub(crate) mod health_request;
pub(crate) mod id;
mod image;
pub(crate) mod inference;
pub(crate) mod input;
pub(crate) mod job_definition;
pub(crate) mod limits;
pub(crate) mod matches;
pub(crate) mod model;
pub(crate) mod node_needs;
pub(crate) mod operation;
pub(crate) mod output_type;
mod path;
pub(crate) mod published;
mod read;
pub(crate) mod references;
pub(crate) mod resource;
pub(crate) mod restart_policy;
pub(crate) mod result_rule;
pub(crate) mod sampling;
pub(crate) mod serve;
pub(crate) mod shell;
pub(crate) mod stages;
pub(crate) mod step;
#[cfg(test)]
pub(crate) mod tests;
mod verified;
mod warnings;

/// The version of the definitions that this crate reads and writes.
pub const DEFINITION_VERSION: &str = "nosana/1";
/// The version of Nosana's published schema that this crate reads.
pub const PUBLISHED_VERSION: &str = "0.1";
/// The most operations in one job.
pub const MAX_OPERATIONS: usize = 16;
