//! Reads processes and memory from the host's `/proc`.

use std::{fs, path::Path};

/// The host's processes.
pub(crate) const PROC: &str = "/proc";

/// What processes use together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Memory that is not backed by files, in bytes, swapped or not.
    pub memory_bytes: u64,
    /// Processes and threads.
    pub tasks: u64,
}

impl Usage {
    pub fn add_usage(&mut self, other: Self) {
        self.memory_bytes += other.memory_bytes;
        self.tasks += other.tasks;
    }
}

/// One process.
pub(crate) struct Process {
    pub parent: u32,
    pub usage: Usage,
}

/// Lists every process of a `/proc`.
pub(crate) fn list_processes(proc: &Path) -> impl Iterator<Item = (u32, Process)> + use<> {
    fs::read_dir(proc).into_iter().flatten().flatten().filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        Some((id, parse_status(&fs::read_to_string(entry.path().join("status")).ok()?)?))
    })
}

/// Returns when a process started, in ticks since the start of the system: together with its id,
/// this identifies it permanently. `None` if it does not exist or only its exit code is left.
pub(crate) fn start_time(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("{PROC}/{process}/stat")).ok()?;
    // The name in brackets may contain any character, also brackets.
    let (_, fields) = stat.rsplit_once(')')?;

    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    fields.nth(18)?.parse().ok().filter(|_| !matches!(state, "Z" | "X"))
}

/// Returns the memory that the host can still allocate, in bytes.
pub(crate) fn available_memory_bytes() -> Option<u64> {
    read_meminfo("MemAvailable")
}

/// Returns all of the host's memory, in bytes.
pub(crate) fn total_memory_bytes() -> Option<u64> {
    read_meminfo("MemTotal")
}

fn read_meminfo(name: &str) -> Option<u64> {
    Some(find_number(&fs::read_to_string("/proc/meminfo").ok()?, name)? << 10)
}

/// Returns the number in the line `name: number …`.
pub(crate) fn find_number(lines: &str, name: &str) -> Option<u64> {
    let line = lines.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

fn parse_status(status: &str) -> Option<Process> {
    let number = |name| find_number(status, name);
    let kib = |name| number(name).unwrap_or(0);

    let memory_bytes = (kib("RssAnon") + kib("VmSwap")) << 10;
    // A zombie has no threads, but occupies a process id.
    let tasks = number("Threads").unwrap_or(0).max(1);

    Some(Process { parent: number("PPid")?.try_into().ok()?, usage: Usage { memory_bytes, tasks } })
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_that_has_ended_has_no_start_time() {
        let own = start_time(std::process::id()).unwrap();
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        assert!(start_time(child.id()).is_some_and(|started| started >= own));

        child.kill().unwrap();
        let id = child.id();
        child.wait().unwrap();
        assert_eq!(start_time(id), None);
    }

    #[test]
    fn the_hosts_memory_is_read() {
        assert!(available_memory_bytes().is_some_and(|available| available > 1 << 20));
    }
}
