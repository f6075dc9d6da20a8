//! One container, and how it ended.

use std::{
    collections::BTreeMap,
    fs::File,
    path::Path,
    time::{Duration, SystemTime},
};

use nosana_sandbox::{CancelToken, Limit, Limits, Observer};

/// A container to run.
#[derive(Clone, Copy, Debug)]
pub struct ContainerRequest<'a> {
    /// The image.
    pub image: &'a str,
    /// The program that gets the command as its arguments; the image's own if empty.
    pub entrypoint: &'a [String],
    /// The command; the image's own if empty.
    pub command: &'a [String],
    /// Variables beside those of the image.
    pub env: &'a BTreeMap<String, String>,
    /// Whether the container can use the GPUs.
    pub gpu: bool,
    /// The job's volumes that are mounted.
    pub mounts: &'a [Mount<'a>],
    /// Folders of the host that the container can read.
    pub folders: &'a [HostFolder<'a>],
    /// Current folder of the command.
    pub work_dir: Option<&'a str>,
    /// Path of the file or folder that is kept.
    pub output: Option<&'a str>,
    /// Limits. More memory or processor cores than the host has are reduced to what it has; the
    /// disk is not limited.
    pub limits: Limits,
    /// Stops or cancels the container.
    pub cancel: &'a CancelToken,
    /// Watches the container while it runs.
    pub observer: Option<&'a dyn Observer>,
    /// Ports of the container that the observer can reach. They are not opened to others.
    pub ports: &'a [u16],
}

/// A volume in a container.
#[derive(Clone, Copy, Debug)]
pub struct Mount<'a> {
    /// The volume's name within the job.
    pub name: &'a str,
    /// Its path in the container.
    pub path: &'a str,
}

/// A folder of the host in a container.
#[derive(Clone, Copy, Debug)]
pub struct HostFolder<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// Its path in the container.
    pub path: &'a str,
    /// Whether the container gets a copy, which it can change.
    pub is_copied: bool,
}

/// How a container ended.
#[derive(Debug)]
pub struct ContainerOutcome {
    /// Exit code, unless a limit ended the container. 127 if it could not start, for instance
    /// because the program is missing; the log then holds the engine's message.
    pub exit_code: Option<u8>,
    /// The limit that ended it.
    pub limit: Option<Limit>,
    /// Whether it ended because of [`CancelToken::request_stop`].
    pub stopped: bool,
    /// When the container was started: once its image was there, and files were copied into it.
    pub started: SystemTime,
    /// How long it ran. Its output is copied afterwards.
    pub elapsed: Duration,
    /// Both outputs, interleaved as they were printed.
    pub log: Vec<u8>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// Whether the log was cut at its limit.
    pub log_truncated: bool,
    /// The file or folder that was requested, or why it could not be kept.
    pub kept: Option<Result<KeptPath, String>>,
}

/// A file or folder of a container, packed.
#[derive(Debug)]
pub struct KeptPath {
    /// A tar archive, positioned at its beginning.
    pub archive: File,
    /// Size in bytes.
    pub size_bytes: u64,
}
