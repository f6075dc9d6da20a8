//! The program that makes containers.

use std::{
    fmt,
    io::{Read, Seek, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use nosana_sandbox::Cancel;

use crate::{ContainerConfig, ContainerError, error::io, fetch::Fetches};

/// How long the engine may take for what is not a download.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How often a running engine is looked at.
const PERIOD: Duration = Duration::from_millis(10);

/// A kind of engine: their command lines differ a little.
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

/// An engine that was tried.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) program: PathBuf,
    pub(crate) kind: EngineKind,
    pub(crate) version: String,
    pub(crate) config: ContainerConfig,
    /// Values of `--ulimit` without which this host starts no container.
    pub(crate) ulimits: Vec<String>,
    pub(crate) has_gpu: bool,
    pub(crate) storage: Option<PathBuf>,
    pub(crate) fetches: Arc<Fetches>,
}

impl Engine {
    /// The kind of engine.
    pub fn kind(&self) -> EngineKind {
        self.kind
    }

    /// Its version, as it tells it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether it has GPUs to give.
    pub fn has_gpu(&self) -> bool {
        self.has_gpu
    }

    /// Where it keeps images and containers, if that is on this machine.
    pub fn storage(&self) -> Option<&Path> {
        self.storage.as_deref()
    }

    /// The engine's program with the options that stand before a subcommand.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if let (EngineKind::Podman, Some(runtime)) = (self.kind, &self.config.runtime) {
            command.args(["--runtime", runtime]);
        }
        // Away from the node's terminal: an interrupt is for the node, which then ends its
        // containers itself.
        command.process_group(0).stdin(Stdio::null());
        command
    }

    /// Runs a subcommand to its end and returns what it printed.
    pub(crate) fn call(&self, arguments: &[&str]) -> Result<String, ContainerError> {
        self.call_with(arguments, &[], PATIENCE, &Cancel::default())
    }

    /// Runs a subcommand with this input, in this time, unless the work is to end.
    pub(crate) fn call_with(
        &self,
        arguments: &[&str],
        input: &[u8],
        time: Duration,
        cancel: &Cancel,
    ) -> Result<String, ContainerError> {
        let failed = |problem: String| ContainerError::Engine {
            action: arguments.first().copied().unwrap_or_default().to_owned(),
            problem,
        };
        // Files cannot fill up as pipes do.
        let file = || tempfile::tempfile().map_err(io("make a temporary file"));
        let (mut stdin, mut stdout, mut stderr) = (file()?, file()?, file()?);
        stdin
            .write_all(input)
            .and_then(|()| stdin.rewind())
            .map_err(io("write a temporary file"))?;
        let share = |file: &std::fs::File| file.try_clone().map_err(io("share a temporary file"));
        let mut command = self.command();
        command.args(arguments).stdin(stdin).stdout(share(&stdout)?).stderr(share(&stderr)?);
        let mut child = command
            .spawn()
            .map_err(|error| failed(format!("{}: {error}", self.program.display())))?;
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().map_err(io("wait for the container engine"))? {
                break status;
            }
            let is_late = begun.elapsed() > time;
            if is_late || cancel.is_ending() {
                let _ = child.kill();
                let _ = child.wait();
                let late = || failed(format!("it did not end within {} s", time.as_secs()));
                return Err(if is_late { late() } else { ContainerError::Cancelled });
            }
            thread::sleep(PERIOD);
        };
        let said = read(&mut stdout)?;
        if status.success() {
            return Ok(said);
        }
        let complaint: String = read(&mut stderr)?.trim().chars().take(500).collect();
        Err(failed(if complaint.is_empty() { format!("{status}") } else { complaint }))
    }
}

fn read(file: &mut std::fs::File) -> Result<String, ContainerError> {
    let mut text = Vec::new();
    let mut from_start = || {
        file.rewind()?;
        file.take(1 << 20).read_to_end(&mut text)
    };
    from_start().map_err(io("read a temporary file"))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
