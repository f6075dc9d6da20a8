//! What a host cannot do, and what its owner can do about it.

use std::path::{Path, PathBuf};

/// A failure of the sandbox itself. What a command does wrong is an [`Outcome`](crate::Outcome).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// There is no bubblewrap.
    #[error(
        "{path} cannot be run: {source}; install bubblewrap 0.8 or newer (Debian, Ubuntu, Fedora and Arch call the \
         package `bubblewrap`)"
    )]
    NoBubblewrap {
        /// The program that was tried.
        path: PathBuf,
        /// Why it did not run.
        source: std::io::Error,
    },
    /// A program beside bubblewrap is missing.
    #[error("{path} is not there; install the package `{package}`")]
    NoProgram {
        /// Where it belongs.
        path: &'static str,
        /// What brings it.
        package: &'static str,
    },
    /// bubblewrap runs, but cannot make a sandbox.
    #[error(
        "bubblewrap cannot make a sandbox: {0}; if it speaks of namespaces or permissions, allow unprivileged user \
         namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0, \
         kernel.apparmor_restrict_unprivileged_userns=0); if it cannot find a path, every folder above it must be open \
         to the user who runs jobs"
    )]
    Setup(String),
    /// The node's owner gives jobs no network.
    #[error(
        "this node gives commands no network; its owner can allow it with NOSANA_SANDBOX_NETWORK=1"
    )]
    NoNetwork,
    /// A job may use more than the host has.
    #[error(
        "the job may use {asked}, this machine has {has} for jobs; lower the job's limits, or use a larger machine"
    )]
    TooLarge {
        /// What the job may use, in words.
        asked: String,
        /// What the host has, in words.
        has: String,
    },
    /// A setting is wrong.
    #[error("{setting}: {problem}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// The file system refused.
    #[error(
        "cannot {action} {path}: {source}; check that the folder is writable and has free space"
    )]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// An archive is not one that can be unpacked.
    #[error(
        "the archive for `{path}` cannot be unpacked: {problem}; make it with `tar -cf`, of files and folders only"
    )]
    Archive {
        /// Where it was to be unpacked.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A path or pattern cannot be used.
    #[error("`{path}` cannot be used: {problem}")]
    Path {
        /// The path or pattern.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Whoever asked for the command wants it no more.
    #[error("it was cancelled")]
    Cancelled,
    /// The processes of a command cannot be ended.
    #[error(
        "the sandbox's process {0} does not end after SIGKILL: look for a stuck device or network file system"
    )]
    Immortal(u32),
}

/// Wraps an error of the file system.
pub(crate) fn io<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> SandboxError + use<'a> {
    move |source| SandboxError::Io { action, path: path.to_owned(), source }
}
