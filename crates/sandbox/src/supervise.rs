//! Watches a command until it ends or exceeds a limit.

use std::{
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    Limit, Limits, Request, STOP_GRACE,
    cgroup::Group,
    disk,
    open_files::measure_unlinked,
    processes::{Processes, descendants_of},
    procfs::available_memory_bytes,
};

/// The shortest time between two measurements of the processes.
const PROCESS_INTERVAL: Duration = Duration::from_millis(20);
/// The longest time between two measurements of the processes: memory fills quickly.
const MAX_PROCESS_INTERVAL: Duration = Duration::from_millis(50);
/// The shortest time between two measurements of the disk.
const DISK_INTERVAL: Duration = Duration::from_millis(100);
/// The longest time between two measurements of the folders.
const MAX_DISK_INTERVAL: Duration = Duration::from_secs(2);
/// The pause after a measurement, as a multiple of the time that it took: many processes and large
/// work folders are measured less often.
const PAUSE_FACTOR: u32 = 10;

/// The host's free memory below which commands are ended, in bytes: before the kernel chooses a
/// victim.
const MIN_AVAILABLE_BYTES: u64 = 256 << 20;

/// What ends a command.
#[derive(Debug)]
pub(crate) enum CommandEnd {
    /// It ended by itself, or the sandbox failed and there was no exit code.
    Ended(Option<u8>),
    /// It exceeded this limit.
    Exceeded(Limit),
    /// It was stopped; without an exit code if it had to be killed.
    Stopped(Option<u8>),
    /// It was cancelled.
    Cancelled,
}

/// Waits for the first event. Watches time, memory, processes and requests to end meanwhile.
pub(crate) fn supervise(
    inbox: &Receiver<CommandEnd>,
    begun: Instant,
    request: &Request<'_>,
    first: u32,
    group: Option<&Group>,
) -> CommandEnd {
    let limits = &request.limits;
    let mut interval = PROCESS_INTERVAL;
    let mut watch = ProcessWatch::new(first);
    let mut terminated: Option<Instant> = None;

    loop {
        if request.cancel.is_cancelled() {
            return CommandEnd::Cancelled;
        }
        if terminated.is_none() && request.cancel.is_ending() {
            terminate_all(first);
            terminated = Some(Instant::now());
        }

        let left = limits.time.saturating_sub(begun.elapsed());
        if terminated.is_some_and(|since| since.elapsed() > STOP_GRACE) {
            return CommandEnd::Stopped(None);
        }
        if left.is_zero() {
            return CommandEnd::Exceeded(Limit::Time);
        }

        match inbox.recv_timeout(interval.min(left)) {
            Ok(CommandEnd::Ended(code)) if terminated.is_some() => {
                return CommandEnd::Stopped(code);
            }
            Ok(event) => return event,
            Err(RecvTimeoutError::Disconnected) => return CommandEnd::Ended(None),
            Err(RecvTimeoutError::Timeout) => {}
        }

        let measured = Instant::now();
        if let Some(limit) = watch.exceeded_limit(limits, group, available_memory_bytes()) {
            return CommandEnd::Exceeded(limit);
        }
        interval =
            (measured.elapsed() * PAUSE_FACTOR).clamp(PROCESS_INTERVAL, MAX_PROCESS_INTERVAL);
    }
}

/// Sends SIGTERM to every process, as service managers do: a shell that waits for its child would
/// not forward the signal.
fn terminate_all(first: u32) {
    for process in descendants_of(first).ids {
        if let Ok(process) = i32::try_from(process) {
            // Fails for a process that has ended meanwhile.
            let _ = kill(Pid::from_raw(process), Signal::SIGTERM);
        }
    }
}

/// Measures the memory and the processes of a sandbox repeatedly.
struct ProcessWatch {
    processes: Processes,
    /// Memory in unlinked files, in bytes.
    unlinked_bytes: u64,
    /// When to measure it again: thousands of open files take longer than thousands of processes.
    next_unlinked: Instant,
}

impl ProcessWatch {
    fn new(first: u32) -> Self {
        Self { processes: Processes::new(first), unlinked_bytes: 0, next_unlinked: Instant::now() }
    }

    /// Returns the limit that is exceeded, as the kernel reports for the group or, without one, by
    /// the processes.
    fn exceeded_limit(
        &mut self,
        limits: &Limits,
        group: Option<&Group>,
        available_bytes: Option<u64>,
    ) -> Option<Limit> {
        // Memory that counts against no limit shows only in the host's free memory; and limits can
        // be more than the host has.
        if available_bytes.is_some_and(|available| available < MIN_AVAILABLE_BYTES) {
            return Some(Limit::Memory);
        }
        if let Some(group) = group {
            return group.exceeded_limit();
        }

        let snapshot = self.processes.take_snapshot();
        let measured = Instant::now();
        if measured >= self.next_unlinked {
            self.unlinked_bytes = measure_unlinked(&snapshot).memory_bytes;
            self.next_unlinked = measured + measured.elapsed() * PAUSE_FACTOR;
        }

        let memory_bytes = snapshot.usage.memory_bytes.saturating_add(self.unlinked_bytes);
        if memory_bytes > limits.memory_bytes {
            return Some(Limit::Memory);
        }
        (snapshot.usage.tasks > limits.processes).then_some(Limit::Processes)
    }
}

/// Measures the folders, and deleted files that are still open, repeatedly, until `stop` is closed.
pub(crate) fn watch_disk(
    folders: &[&Path],
    limit_bytes: u64,
    first: u32,
    events: &Sender<CommandEnd>,
    stop: &Receiver<()>,
) {
    let mut processes = Processes::new(first);
    let mut next = Instant::now();

    while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(DISK_INTERVAL) {
        let measured = Instant::now();

        // Whether the disk is almost full takes little time to find out, so it is also checked
        // while the folders are not measured.
        let is_exceeded = if measured < next {
            disk::is_scarce(folders)
        } else {
            let deleted_bytes = measure_unlinked(&processes.take_snapshot()).disk_bytes;
            deleted_bytes > limit_bytes || disk::is_exceeded(folders, limit_bytes - deleted_bytes)
        };

        if is_exceeded {
            // Fails if the supervisor has already returned with another event.
            let _ = events.send(CommandEnd::Exceeded(Limit::Disk));
            return;
        }
        if measured >= next {
            next = Instant::now() + (measured.elapsed() * PAUSE_FACTOR).min(MAX_DISK_INTERVAL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_without_memory_ends_commands_with_and_without_a_group() {
        let parent = tempfile::tempdir().unwrap();
        let group = Group::create_in(parent.path()).unwrap();
        let mut watch = ProcessWatch::new(std::process::id());
        let limits = Limits { processes: 1 << 20, memory_bytes: 1 << 50, ..Limits::default() };
        for group in [None, Some(&group)] {
            assert_eq!(
                watch.exceeded_limit(&limits, group, Some(MIN_AVAILABLE_BYTES - 1)),
                Some(Limit::Memory)
            );
            assert_eq!(watch.exceeded_limit(&limits, group, Some(MIN_AVAILABLE_BYTES)), None);

            // A host that does not report its free memory.
            assert_eq!(watch.exceeded_limit(&limits, group, None), None);
        }
    }
}
