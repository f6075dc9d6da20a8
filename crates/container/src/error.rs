//! What a host cannot do, and what its owner can do about it.

/// A failure of the engine. What a container does wrong is an [`Outcome`](crate::Outcome).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContainerError {
    /// No engine works.
    #[error(
        "no container engine works here: {0}; install podman, or start docker's service and join its group"
    )]
    NoEngine(String),
    /// The owner wants no containers.
    #[error(
        "this node runs no containers; its owner can allow them by removing NOSANA_CONTAINER_ENGINE=none"
    )]
    Disabled,
    /// The engine has no GPUs to give.
    #[error(
        "this node's containers see no GPU; its owner can install the NVIDIA Container Toolkit (for podman, with \
         `nvidia-ctk cdi generate`)"
    )]
    NoGpu,
    /// The image is not here and cannot be fetched.
    #[error(
        "the image `{image}` cannot be fetched: {problem}; check its name, and the node's way to its registry"
    )]
    Image {
        /// The image.
        image: String,
        /// What the engine said.
        problem: String,
    },
    /// The image is on its way, and too late for this job.
    #[error("the image `{0}` is still being fetched: a job that needs it can run here later")]
    Fetching(String),
    /// The engine did not do what it was asked.
    #[error("the container engine failed at `{action}`: {problem}")]
    Engine {
        /// The engine's subcommand.
        action: String,
        /// What it said.
        problem: String,
    },
    /// The system refused.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// Whoever asked for the container wants it no more.
    #[error("it was cancelled")]
    Cancelled,
}

/// Wraps an error of the system.
pub(crate) fn io(action: &'static str) -> impl FnOnce(std::io::Error) -> ContainerError {
    move |source| ContainerError::Io { action, source }
}
