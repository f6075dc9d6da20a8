//! Watches a command until it ends or goes beyond a limit.

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
    GRACE, Limit, Limits, Request,
    cgroup::Group,
    disk,
    open_files::nameless,
    processes::{Processes, available_bytes, below},
};

/// Between two looks at the processes.
const PROCESS_PAUSE: Duration = Duration::from_millis(20);
/// The longest time between two looks at the processes: memory fills quickly.
const MAX_PROCESS_PAUSE: Duration = Duration::from_millis(50);
/// Between two looks at the disk.
const DISK_PAUSE: Duration = Duration::from_millis(100);
/// The longest time between two looks at what is in the folders.
const MAX_DISK_PAUSE: Duration = Duration::from_secs(2);
/// A look may take this part of the time at most: many processes and large work folders are looked
/// at less often.
const SHARE: u32 = 10;

/// The host's free memory below which commands are ended, in bytes: before the kernel picks a
/// victim.
const MIN_AVAILABLE_BYTES: u64 = 256 << 20;

/// What ends a command.
#[derive(Debug)]
pub(crate) enum Event {
    /// It ended by itself, or the sandbox failed and there is no exit code.
    Ended(Option<u8>),
    /// It went beyond this limit.
    Over(Limit),
    /// It ended because that was asked for; without an exit code if it had to be killed.
    Stopped(Option<u8>),
    /// Nobody wants it any more.
    Cancelled,
}

/// Waits for the first event. Looks at time, memory, processes and the wish to end it meanwhile.
pub(crate) fn supervise(
    inbox: &Receiver<Event>,
    begun: Instant,
    request: &Request<'_>,
    first: u32,
    group: Option<&Group>,
) -> Event {
    let limits = &request.limits;
    let mut pause = PROCESS_PAUSE;
    let mut watch = Watch::of(first);
    let mut terminated = None;
    loop {
        if request.cancel.is_cancelled() {
            return Event::Cancelled;
        }
        if terminated.is_none() && request.cancel.is_ending() {
            terminate(first);
            terminated = Some(Instant::now());
        }
        let left = limits.time.saturating_sub(begun.elapsed());
        if terminated.is_some_and(|since: Instant| since.elapsed() > GRACE) {
            return Event::Stopped(None);
        }
        if left.is_zero() {
            return Event::Over(Limit::Time);
        }
        match inbox.recv_timeout(pause.min(left)) {
            Ok(Event::Ended(code)) if terminated.is_some() => return Event::Stopped(code),
            Ok(event) => return event,
            Err(RecvTimeoutError::Disconnected) => return Event::Ended(None),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let looked = Instant::now();
        if let Some(limit) = watch.exceeded(limits, group, available_bytes()) {
            return Event::Over(limit);
        }
        pause = (looked.elapsed() * SHARE).clamp(PROCESS_PAUSE, MAX_PROCESS_PAUSE);
    }
}

/// Asks every process to end, as service managers do: a shell that waits for its child would not
/// pass it on.
fn terminate(first: u32) {
    for process in below(first).ids {
        if let Ok(process) = i32::try_from(process) {
            // One that is gone meanwhile has done what was asked.
            let _ = kill(Pid::from_raw(process), Signal::SIGTERM);
        }
    }
}

/// What is looked at again and again.
struct Watch {
    processes: Processes,
    /// The memory in files without a name, in bytes.
    nameless_bytes: u64,
    /// When to look at it again: thousands of open files take longer than thousands of processes.
    next: Instant,
}

impl Watch {
    fn of(first: u32) -> Self {
        Self { processes: Processes::of(first), nameless_bytes: 0, next: Instant::now() }
    }

    /// The limit that is passed, as the kernel's group tells or, without one, as the processes
    /// show.
    fn exceeded(
        &mut self,
        limits: &Limits,
        group: Option<&Group>,
        available_bytes: Option<u64>,
    ) -> Option<Limit> {
        // What no bound counts shows only in what is left for all; and limits can be more than the
        // host has.
        if available_bytes.is_some_and(|available| available < MIN_AVAILABLE_BYTES) {
            return Some(Limit::Memory);
        }
        if let Some(group) = group {
            return group.exceeded();
        }
        let seen = self.processes.look();
        let looked = Instant::now();
        if looked >= self.next {
            self.nameless_bytes = nameless(&seen).memory_bytes;
            self.next = looked + looked.elapsed() * SHARE;
        }
        if seen.usage.memory_bytes.saturating_add(self.nameless_bytes) > limits.memory_bytes {
            return Some(Limit::Memory);
        }
        (seen.usage.tasks > limits.processes).then_some(Limit::Processes)
    }
}

/// Measures the folders, and deleted files that are still open, again and again, until `stop` is
/// closed.
pub(crate) fn watch_disk(
    folders: &[&Path],
    limit_bytes: u64,
    first: u32,
    events: &Sender<Event>,
    stop: &Receiver<()>,
) {
    let mut processes = Processes::of(first);
    let mut next = Instant::now();
    while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(DISK_PAUSE) {
        let looked = Instant::now();
        // Whether the disk is full is told at once, and so asked even while the folders are left
        // alone.
        let over = if looked < next {
            disk::is_scarce(folders)
        } else {
            let deleted = nameless(&processes.look()).disk_bytes;
            deleted > limit_bytes || disk::is_exceeded(folders, limit_bytes - deleted)
        };
        if over {
            // Nobody listens any more if something else came first.
            let _ = events.send(Event::Over(Limit::Disk));
            return;
        }
        if looked >= next {
            next = Instant::now() + (looked.elapsed() * SHARE).min(MAX_DISK_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_without_memory_ends_commands_with_and_without_a_group() {
        let parent = tempfile::tempdir().unwrap();
        let group = Group::create(parent.path()).unwrap();
        let mut watch = Watch::of(std::process::id());
        let limits = Limits { processes: 1 << 20, memory_bytes: 1 << 50, ..Limits::default() };
        for group in [None, Some(&group)] {
            assert_eq!(
                watch.exceeded(&limits, group, Some(MIN_AVAILABLE_BYTES - 1)),
                Some(Limit::Memory)
            );
            assert_eq!(watch.exceeded(&limits, group, Some(MIN_AVAILABLE_BYTES)), None);
            // A host that does not tell.
            assert_eq!(watch.exceeded(&limits, group, None), None);
        }
    }
}
