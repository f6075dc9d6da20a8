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
    processes::{available_bytes, below},
};

/// Between two looks at the processes.
const PROCESS_PAUSE: Duration = Duration::from_millis(20);
/// Between two looks at the disk.
const DISK_PAUSE: Duration = Duration::from_millis(100);
/// A look may take this part of the time at most: large work folders are looked at less often.
const SHARE: u32 = 10;

/// The host's free memory below which commands are ended, in bytes: before the kernel picks a victim.
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
        if let Some(limit) = group.map_or_else(|| exceeded(first, limits), Group::exceeded) {
            return Event::Over(limit);
        }
        pause = PROCESS_PAUSE.max(looked.elapsed() * SHARE);
    }
}

/// Asks every process to end, as service managers do: a shell that waits for its child would not pass it on.
fn terminate(first: u32) {
    for process in below(first).0 {
        if let Ok(process) = i32::try_from(process) {
            // One that is gone meanwhile has done what was asked.
            let _ = kill(Pid::from_raw(process), Signal::SIGTERM);
        }
    }
}

fn exceeded(first: u32, limits: &Limits) -> Option<Limit> {
    let (processes, usage) = below(first);
    let memory_bytes = usage.memory_bytes + nameless(&processes).memory_bytes;
    // What neither is mapped nor has a file descriptor shows only in what is left for all.
    let is_scarce = available_bytes().is_some_and(|available| available < MIN_AVAILABLE_BYTES);
    if memory_bytes > limits.memory_bytes || is_scarce {
        return Some(Limit::Memory);
    }
    (usage.tasks > limits.processes).then_some(Limit::Processes)
}

/// Measures the folders, and deleted files that are still open, again and again, until `stop` is closed.
pub(crate) fn watch_disk(folders: &[&Path], limit_bytes: u64, first: u32, events: &Sender<Event>, stop: &Receiver<()>) {
    let mut pause = DISK_PAUSE;
    while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(pause) {
        let looked = Instant::now();
        let deleted = nameless(&below(first).0).disk_bytes;
        if deleted > limit_bytes || disk::is_exceeded(folders, limit_bytes - deleted) {
            // Nobody listens any more if something else came first.
            let _ = events.send(Event::Over(Limit::Disk));
            return;
        }
        pause = DISK_PAUSE.max(looked.elapsed() * SHARE);
    }
}
