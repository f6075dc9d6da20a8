//! One container, before and after.

use std::{
    collections::BTreeMap,
    fs::File,
    time::{Duration, SystemTime},
};

use nosana_sandbox::{Cancel, Limit, Limits, Live};

/// A container to run.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The image.
    pub image: &'a str,
    /// The program that gets the command as its arguments; the image's own if empty.
    pub entrypoint: &'a [String],
    /// The command; the image's own if empty.
    pub command: &'a [String],
    /// Variables beside those of the image.
    pub env: &'a BTreeMap<String, String>,
    /// Whether it sees the GPUs.
    pub gpu: bool,
    /// The job's volumes that it sees.
    pub mounts: &'a [Mount<'a>],
    /// Where the command begins.
    pub work_dir: Option<&'a str>,
    /// The path that is kept.
    pub output: Option<&'a str>,
    /// Bounds. More memory or processor cores than the host has become what it has; the disk is not
    /// bounded.
    pub limits: Limits,
    /// Ends it.
    pub cancel: &'a Cancel,
    /// Where its output goes as well, as it comes.
    pub live: Option<&'a Live>,
}

/// A volume in a container.
#[derive(Clone, Copy, Debug)]
pub struct Mount<'a> {
    /// The volume's name within the job.
    pub name: &'a str,
    /// Its path in the container.
    pub path: &'a str,
}

/// How a container ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code, unless a limit ended it. 127 if it could not begin, for instance without such
    /// a program; the engine's words are in the log then.
    pub exit_code: Option<u8>,
    /// The limit that ended it.
    pub limit: Option<Limit>,
    /// Whether it ended because that was asked for, by [`Cancel::end`].
    pub stopped: bool,
    /// When it began.
    pub started: SystemTime,
    /// How long it took.
    pub elapsed: Duration,
    /// Both outputs, interleaved as they came.
    pub log: Vec<u8>,
    /// The standard output.
    pub stdout: Vec<u8>,
    /// The standard error.
    pub stderr: Vec<u8>,
    /// Whether the log was cut at its limit.
    pub log_truncated: bool,
    /// What was kept of it, if that was asked for, or why not.
    pub kept: Option<Result<Kept, String>>,
}

/// A file or folder of a container, packed.
#[derive(Debug)]
pub struct Kept {
    /// A tar archive, at its beginning.
    pub archive: File,
    /// Its size in bytes.
    pub size_bytes: u64,
}
