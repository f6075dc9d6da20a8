//! What a process has used, as Linux says in `/proc`.

use std::fs;

use anyhow::{Context, Result};

/// The ticks of `utime` and `stime` in a second: what the kernel reports to programs, whatever its
/// own.
const TICKS_PER_SECOND: f64 = 100.0;
/// The field `utime` of `stat`, counted from the state, which follows the program's name; `stime`
/// is the next one.
const USER_TIME_FIELD: usize = 11;

/// What a process has used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Seconds of a core, in the program and in the kernel.
    pub cpu_seconds: f64,
    /// Bytes in memory.
    pub resident_bytes: u64,
}

impl Usage {
    /// Reads what a process has used so far.
    ///
    /// # Errors
    /// If it has ended, or if there is no `/proc`.
    pub fn read(process: u32) -> Result<Self> {
        let read = |name: &str| {
            let path = format!("/proc/{process}/{name}");
            fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
        };

        Self::parse(&read("stat")?, &read("status")?)
            .with_context(|| format!("/proc/{process} has another format"))
    }

    pub(super) fn parse(stat: &str, status: &str) -> Option<Self> {
        // The program's name is in parentheses, and may contain spaces and parentheses.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut times = fields.split_whitespace().skip(USER_TIME_FIELD);
        let user: u64 = times.next()?.parse().ok()?;
        let system: u64 = times.next()?.parse().ok()?;

        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = resident.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(Self {
            cpu_seconds: (user + system) as f64 / TICKS_PER_SECOND,
            resident_bytes: kib * 1_024,
        })
    }
}
