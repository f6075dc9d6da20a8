//! Failures of the engine, each with what the node's owner can do about it.

/// A failure of the engine. The failure of a container is an [`ContainerOutcome`](crate::ContainerOutcome).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContainerError {
    /// No engine works.
    #[error(
        "no container engine works here: {0}; install podman and runc, or start docker's service \
         and join its group"
    )]
    NoEngine(String),
    /// The owner has disabled containers.
    #[error(
        "this node runs no containers; its owner can allow them by removing \
         NOSANA_CONTAINER_ENGINE=none"
    )]
    Disabled,
    /// Containers cannot use a GPU.
    #[error(
        "this node's containers see no GPU; its owner can install the NVIDIA Container Toolkit \
         (for podman, with `nvidia-ctk cdi generate`)"
    )]
    NoGpu,
    /// Containers share the host's network.
    #[error(
        "this node's containers share the host's network, so their ports cannot be exposed; its \
         owner can name another network with NOSANA_CONTAINER_NETWORK"
    )]
    NoPorts,
    /// The image is not on this host, and its registry does not have it, or not for everyone.
    #[error(
        "the image `{image}` does not exist or is not public: {problem}; correct its name in the \
         definition"
    )]
    NoImage {
        /// The image.
        image: String,
        /// The engine's message.
        problem: String,
    },
    /// The image is not on this host and cannot be fetched now.
    #[error(
        "the image `{image}` cannot be fetched: {problem}; check the node's connection to its \
         registry, and the registry's name"
    )]
    Image {
        /// The image.
        image: String,
        /// The engine's message.
        problem: String,
    },
    /// The image is still being fetched, and too late for this job.
    #[error("the image `{0}` is still being fetched; a job that needs it can run here later")]
    Fetching(String),
    /// A subcommand of the engine failed.
    #[error("the container engine failed at `{action}`: {problem}")]
    Engine {
        /// The subcommand.
        action: String,
        /// The engine's message.
        problem: String,
    },
    /// An operation of the system failed.
    #[error("cannot {action}: {source}")]
    Io {
        /// The operation, as a verb.
        action: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The caller cancelled the work.
    #[error("it was cancelled")]
    Cancelled,
}

impl ContainerError {
    /// Whether the definition is at fault: no node can run it, now or later.
    pub fn is_definition_fault(&self) -> bool {
        match self {
            Self::NoImage { .. } => true,
            Self::NoEngine(_)
            | Self::Disabled
            | Self::NoGpu
            | Self::NoPorts
            | Self::Image { .. }
            | Self::Fetching(_)
            | Self::Engine { .. }
            | Self::Io { .. }
            | Self::Cancelled => false,
        }
    }
}

/// Wraps an error of the system.
pub(crate) fn io(action: &'static str) -> impl FnOnce(std::io::Error) -> ContainerError {
    move |source| ContainerError::Io { action, source }
}
