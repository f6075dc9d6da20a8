//! The program that runs containers.

use std::{
    fmt,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use nosana_sandbox::SharedTasks;

use crate::{ContainerConfig, failed_removals::FailedRemovals};

/// A kind of engine; their command lines differ a little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// podman.
    Podman,
    /// docker.
    Docker,
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Podman => "podman",
            Self::Docker => "docker",
        })
    }
}

/// An engine that has passed its trial.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) program: PathBuf,
    pub(crate) kind: EngineKind,
    pub(crate) version: String,
    pub(crate) config: ContainerConfig,
    /// The OCI runtime; `None` for the engine's own.
    pub(crate) runtime: Option<String>,
    /// Why the runtime is not the engine's own.
    pub(crate) runtime_notice: Option<String>,
    /// Values of `--ulimit` without which this host starts no container.
    pub(crate) ulimits: Vec<String>,
    pub(crate) has_gpu: bool,
    pub(crate) storage: Option<PathBuf>,
    /// The images that are being downloaded, by full name. The error is the engine's message.
    pub(crate) downloads: Arc<SharedTasks<String, String>>,
    /// What could not be removed yet.
    pub(crate) removals: Arc<FailedRemovals>,
}

impl Engine {
    /// Returns the kind of engine.
    pub fn kind(&self) -> EngineKind {
        self.kind
    }

    /// Returns the version that the engine reports.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the OCI runtime that the owner or the trial has chosen; `None` for the engine's own.
    pub fn runtime(&self) -> Option<&str> {
        self.runtime.as_deref()
    }

    /// Returns why containers do not run with the engine's own OCI runtime; `None` if they do, or
    /// if the owner has named another.
    pub fn runtime_notice(&self) -> Option<&str> {
        self.runtime_notice.as_deref()
    }

    /// Returns whether containers can use GPUs.
    pub fn has_gpu(&self) -> bool {
        self.has_gpu
    }

    /// Returns the folder of images and containers, if it is on this machine.
    pub fn storage_folder(&self) -> Option<&Path> {
        self.storage.as_deref()
    }

    /// Returns the engine's program with the options that precede a subcommand. It has the node's
    /// environment: `HOME`, `XDG_CONFIG_HOME` and `REGISTRY_AUTH_FILE` lead to the owner's logins at
    /// registries.
    pub(crate) fn base_command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if let (EngineKind::Podman, Some(runtime)) = (self.kind, &self.runtime) {
            command.args(["--runtime", runtime]);
        }

        // Not in the node's process group: an interrupt from the terminal is for the node, which
        // then ends its containers itself.
        command.process_group(0).stdin(Stdio::null());
        command
    }
}
