//! Limits of one command.

use std::{fmt, time::Duration};

/// How long a command may take to end after SIGTERM, before it is killed.
pub const STOP_GRACE: Duration = Duration::from_secs(5);

/// How much a command may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest time.
    pub time: Duration,
    /// Memory of all its processes together, in bytes.
    pub memory_bytes: u64,
    /// Processor cores.
    pub cpus: u64,
    /// Processes and threads at one time.
    pub processes: u64,
    /// Size of the work folder and `/tmp` together, in bytes.
    pub disk_bytes: u64,
    /// Output that is kept, in bytes. A command that prints more continues.
    pub output_bytes: u64,
    /// Whether the end of a longer output is kept; otherwise both its beginning and its end are.
    pub keeps_end: bool,
}

impl Default for Limits {
    /// Ten minutes, 2 GiB of memory, 2 cores, 512 processes, 4 GiB of disk, 4 MiB of output.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(600),
            memory_bytes: 2 << 30,
            cpus: 2,
            processes: 512,
            disk_bytes: 4 << 30,
            output_bytes: 4 << 20,
            keeps_end: false,
        }
    }
}

/// The limit that ended a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// It ran for too long.
    Time,
    /// It used too much memory.
    Memory,
    /// It had too many processes.
    Processes,
    /// It wrote too much to the disk.
    Disk,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "time",
            Self::Memory => "memory",
            Self::Processes => "processes",
            Self::Disk => "disk",
        })
    }
}
