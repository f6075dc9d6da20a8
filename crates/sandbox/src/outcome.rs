//! One command, and how it ended.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use crate::{CancelToken, Limit, Limits, Observer};

/// A command to run.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The program and its arguments.
    pub argv: &'a [String],
    /// Variables beside `PATH`, `HOME` and `LANG`; these three can be replaced.
    pub env: &'a BTreeMap<String, String>,
    /// Current folder of the command, relative to the work folder; empty or `.` for the work folder
    /// itself.
    pub directory: &'a str,
    /// Whether the command shares the host's network.
    pub network: bool,
    /// How much it may use.
    pub limits: Limits,
    /// Stops or cancels the command.
    pub cancel: &'a CancelToken,
    /// Watches the command while it runs.
    pub observer: Option<&'a dyn Observer>,
}

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Exit code as a shell reports it, so 128 + n after signal n; `None` exactly if a limit ended
    /// the command.
    pub exit_code: Option<u8>,
    /// The limit that ended it.
    pub limit: Option<Limit>,
    /// Whether it ended because of [`CancelToken::request_stop`].
    pub stopped: bool,
    /// When it began.
    pub started: SystemTime,
    /// How long it took, with the setup and removal of its sandbox.
    pub elapsed: Duration,
    /// Standard output and error, interleaved as they were printed.
    pub output: Vec<u8>,
    /// Whether more was printed than `output` holds.
    pub output_truncated: bool,
}

impl Outcome {
    /// Returns whether the command ended by itself, with exit code 0.
    pub fn succeeded(&self) -> bool {
        self.exit_code == Some(0)
    }

    /// Returns the signal that an exit code above 128 means.
    pub fn signal(&self) -> Option<u8> {
        self.exit_code
            .and_then(|code| code.checked_sub(128))
            .filter(|signal| (1..=64).contains(signal))
    }
}
