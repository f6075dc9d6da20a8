//! What clients check before they list a job, and nodes before they start one, so that a job that no
//! node can run is not listed.

use nosana_job_spec::Operation;

use crate::{EngineError, format::check_format, models::check_model};

/// Checks that nodes can get the model of an operation, that it does its task, and that its answers
/// can have the requested form. An operation without a model passes.
///
/// # Errors
/// If the model is not known and has no source, or does not do the task, or the format is invalid.
pub fn check_operation(operation: &Operation) -> Result<(), EngineError> {
    match operation {
        Operation::InferenceRun { args, .. } => {
            check_model(&args.model, args.task)?;
            args.format.as_ref().map_or(Ok(()), check_format)
        }
        Operation::InferenceServe { args, .. } => check_model(&args.model, args.task),
        Operation::CommandRun { .. } | Operation::ContainerRun { .. } => Ok(()),
    }
}
