//! Why this node gives a job back, as the number that the chain stores for the client.

use std::{error::Error as StdError, sync::Arc};

use anyhow::Error;
use nosana_container::ContainerError;
use nosana_engine::EngineError;
use nosana_fetch::FetchError;
use nosana_job_spec::DefinitionError;
use nosana_protocol::job::ReturnCause;
use nosana_sandbox::SandboxError;
use nosana_store::StoreError;

use crate::{execute::BeyondMachine, kept_devices::JudgesFirst};

/// A definition that this node has refused before.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason} (this node has refused this definition before)")]
pub(crate) struct RefusedBefore {
    /// Why, for the chain.
    pub cause: ReturnCause,
    reason: String,
}

impl RefusedBefore {
    /// Describes an earlier refusal.
    pub fn new(cause: ReturnCause, reason: String) -> Self {
        Self { cause, reason }
    }
}

/// Returns the cause that `error` means. The innermost error that is known decides.
pub(crate) fn find_cause(error: &Error) -> ReturnCause {
    let known = error.chain().filter_map(|cause| {
        cause
            .downcast_ref::<StoreError>()
            .map(|_| ReturnCause::ContentUnavailable)
            .or_else(|| cause.downcast_ref().map(|refused: &RefusedBefore| refused.cause))
            .or_else(|| cause.downcast_ref().map(cause_of_size))
            .or_else(|| cause.downcast_ref().map(cause_of_judging))
            .or_else(|| cause.downcast_ref().map(cause_of_definition))
            .or_else(|| cause.downcast_ref().map(cause_of_container))
            .or_else(|| cause.downcast_ref().map(cause_of_engine))
            .or_else(|| cause.downcast_ref().map(cause_of_fetch))
            .or_else(|| cause.downcast_ref().map(cause_of_resource))
            .or_else(|| cause.downcast_ref().map(cause_of_sandbox))
    });

    known.last().unwrap_or(ReturnCause::Unsupported)
}

/// Returns whether an error is about sources that the definition names: their URLs are public.
/// Those of the store and the chain are this node's own.
pub(crate) fn names_sources(error: &Error) -> bool {
    let is_source = |cause: &(dyn StdError + 'static)| {
        let shared = cause.downcast_ref::<Arc<EngineError>>().map(|shared| &**shared);
        let of_model = cause.downcast_ref::<EngineError>().or(shared);
        let of_resource = cause.downcast_ref::<Arc<FetchError>>().map(|shared| &**shared);

        matches!(of_model, Some(EngineError::Sources { .. } | EngineError::FileTooLarge { .. }))
            || matches!(of_resource, Some(FetchError::Source { .. }))
    };

    error.chain().any(is_source) && !error.chain().any(|cause| cause.is::<StoreError>())
}

fn cause_of_size(_: &BeyondMachine) -> ReturnCause {
    ReturnCause::Unsupported
}

fn cause_of_judging(_: &JudgesFirst) -> ReturnCause {
    ReturnCause::NodeBusy
}

fn cause_of_definition(_: &DefinitionError) -> ReturnCause {
    ReturnCause::DefinitionInvalid
}

fn cause_of_container(error: &ContainerError) -> ReturnCause {
    match error {
        ContainerError::Image { .. }
        | ContainerError::NoImage { .. }
        | ContainerError::Fetching(_) => ReturnCause::ImageUnavailable,
        ContainerError::Engine { .. } | ContainerError::Io { .. } => ReturnCause::NodeFault,
        _ => ReturnCause::Unsupported,
    }
}

fn cause_of_engine(error: &EngineError) -> ReturnCause {
    match error {
        EngineError::Sources { .. } | EngineError::Fetch { .. } | EngineError::Fetching(_) => {
            ReturnCause::ContentUnavailable
        }
        EngineError::Io { .. }
        | EngineError::Device(_)
        | EngineError::Backend(_)
        | EngineError::NoCacheFolder
        | EngineError::NoTrial
        | EngineError::WrongFile { .. } => ReturnCause::NodeFault,
        EngineError::MemoryInUse { .. } => ReturnCause::NodeBusy,
        _ => ReturnCause::Unsupported,
    }
}

/// A fetch shares its error among the jobs that wait for it.
fn cause_of_fetch(error: &Arc<EngineError>) -> ReturnCause {
    cause_of_engine(error)
}

fn cause_of_resource(error: &Arc<FetchError>) -> ReturnCause {
    match **error {
        FetchError::NoRoom { .. } => ReturnCause::NodeBusy,
        FetchError::File(_) => ReturnCause::NodeFault,
        _ => ReturnCause::ContentUnavailable,
    }
}

fn cause_of_sandbox(error: &SandboxError) -> ReturnCause {
    match error {
        SandboxError::TooLarge { .. } => ReturnCause::NodeBusy,
        SandboxError::Archive { .. } | SandboxError::Path { .. } => ReturnCause::DefinitionInvalid,
        SandboxError::Io { .. } | SandboxError::Unkillable(_) => ReturnCause::NodeFault,
        _ => ReturnCause::Unsupported,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use nosana_job_spec::{Digest, ModelDigest};

    use super::*;

    #[test]
    fn a_model_that_is_not_there_may_come_and_one_that_does_not_fit_stays_unsupported() {
        let fetching = || EngineError::Fetching(ModelDigest(Digest([1; 32])));
        assert_eq!(find_cause(&Error::new(fetching())), ReturnCause::ContentUnavailable);
        let shared = Error::new(Arc::new(fetching())).context("the operation cannot run here");
        assert_eq!(find_cause(&shared), ReturnCause::ContentUnavailable);

        let lying = EngineError::Weights { path: "a".into(), problem: "it is cut".to_owned() };
        assert_eq!(find_cause(&Error::new(Arc::new(lying))), ReturnCause::Unsupported);
    }

    #[test]
    fn an_image_that_is_missing_or_out_of_reach_is_its_own_cause() {
        let (image, problem) = ("busybox:none".to_owned(), "manifest unknown".to_owned());
        for error in [
            ContainerError::NoImage { image: image.clone(), problem: problem.clone() },
            ContainerError::Image { image: image.clone(), problem: problem.clone() },
            ContainerError::Fetching(image.clone()),
        ] {
            let error = Error::new(error).context("the operation cannot run here");
            assert_eq!(find_cause(&error), ReturnCause::ImageUnavailable);
        }
    }

    #[test]
    fn a_node_that_judges_first_is_busy() {
        assert_eq!(find_cause(&Error::new(JudgesFirst)), ReturnCause::NodeBusy);
    }

    #[test]
    fn the_innermost_known_error_decides() {
        let image = ContainerError::Fetching("busybox".into());
        let error = Error::new(image).context("the operation cannot run here");
        assert_eq!(find_cause(&error), ReturnCause::ImageUnavailable);

        let network = Error::new(SandboxError::NoNetwork);
        assert_eq!(find_cause(&network), ReturnCause::Unsupported);
        assert_eq!(find_cause(&anyhow!("no GPU")), ReturnCause::Unsupported);
        assert!(find_cause(&anyhow!("no GPU")).is_nodes_own());
    }
}
