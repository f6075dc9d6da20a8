//! One command, and how it ended.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use crate::{Cancel, Limit, Limits, Live};

/// A command to run.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The program and its arguments.
    pub argv: &'a [String],
    /// Variables beside `PATH`, `HOME` and `LANG`; these three can be replaced.
    pub env: &'a BTreeMap<String, String>,
    /// Where it begins, relative to the work folder; empty or `.` for the work folder itself.
    pub directory: &'a str,
    /// Whether it shares the host's network.
    pub network: bool,
    /// How much it may use.
    pub limits: Limits,
    /// Ends the command.
    pub cancel: &'a Cancel,
    /// Where its output goes as well, as it comes.
    pub live: Option<&'a Live>,
}

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its exit code as a shell tells it, so 128 + n after signal n; `None` exactly if a limit
    /// ended it.
    pub exit_code: Option<u8>,
    /// The limit that ended it.
    pub limit: Option<Limit>,
    /// Whether it ended because that was asked for, by [`Cancel::end`].
    pub stopped: bool,
    /// When it began.
    pub started: SystemTime,
    /// How long it took, with everything around it.
    pub elapsed: Duration,
    /// Standard output and error, interleaved as they came.
    pub output: Vec<u8>,
    /// Whether more was printed than `output` holds.
    pub output_truncated: bool,
}

impl Outcome {
    /// Whether it ended by itself, with exit code 0.
    pub fn succeeded(&self) -> bool {
        self.exit_code == Some(0)
    }

    /// The signal that an exit code above 128 stands for.
    pub fn signal(&self) -> Option<u8> {
        self.exit_code
            .and_then(|code| code.checked_sub(128))
            .filter(|signal| (1..=64).contains(signal))
    }
}
