//! Failures of the sandbox, each with what the node's owner can do about it.

use std::path::{Path, PathBuf};

/// A failure of the sandbox itself. The failure of a command is an [`Outcome`](crate::Outcome).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// bubblewrap is missing.
    #[error(
        "cannot run {path}: {source}; install bubblewrap 0.8 or newer (package `bubblewrap` on \
         Debian, Ubuntu, Fedora and Arch)"
    )]
    NoBubblewrap {
        /// The program that was tried.
        path: PathBuf,
        /// Why it did not run.
        source: std::io::Error,
    },
    /// A program beside bubblewrap is missing.
    #[error("{path} is missing; install the package `{package}`")]
    NoProgram {
        /// The program's path.
        path: &'static str,
        /// The package that contains it.
        package: &'static str,
    },
    /// bubblewrap runs, but cannot create a sandbox.
    #[error(
        "bubblewrap cannot create a sandbox: {0}; if it mentions namespaces or permissions, allow \
         unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, \
         user.max_user_namespaces above 0, kernel.apparmor_restrict_unprivileged_userns=0); if it \
         cannot find a path, every folder above it must be open to the user who runs jobs"
    )]
    Setup(String),
    /// Commands cannot be confined to a part of the kernel's interface.
    #[error(
        "the filter of system calls does not work: {0}; use bubblewrap 0.8 or newer, and a kernel \
         with CONFIG_SECCOMP_FILTER"
    )]
    NoFilter(String),
    /// The node's owner gives commands no network.
    #[error(
        "this node gives commands no network; its owner can allow it with NOSANA_SANDBOX_NETWORK=1"
    )]
    NoNetwork,
    /// A job may use more than the host has.
    #[error(
        "the job may use {requested}, this machine has {has} for jobs; lower the job's limits, or \
         use a larger machine"
    )]
    TooLarge {
        /// What the job may use, in words.
        requested: String,
        /// What the host has, in words.
        has: String,
    },
    /// A setting is not valid.
    #[error("{setting}: {problem}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What is wrong with it, and how to correct it.
        problem: String,
    },
    /// An operation of the file system failed.
    #[error(
        "cannot {action} {path}: {source}; check that the folder is writable and has free space"
    )]
    Io {
        /// The operation, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// An archive cannot be unpacked.
    #[error(
        "the archive for `{path}` cannot be unpacked: {problem}; make it with \
         `tar --format=gnu -cf`, of files and folders only"
    )]
    Archive {
        /// The folder that it was to be unpacked in.
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
    /// The caller cancelled the work.
    #[error("it was cancelled")]
    Cancelled,
    /// The processes of a command cannot be ended.
    #[error(
        "the sandbox's process {0} does not end after SIGKILL; check for a stuck device or network \
         file system"
    )]
    Unkillable(u32),
}

/// Wraps an error of the file system.
pub(crate) fn io<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> SandboxError + use<'a> {
    move |source| SandboxError::Io { action, path: path.to_owned(), source }
}
