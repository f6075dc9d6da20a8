//! Runs one command, from the start of bubblewrap to the end of its last process.

use std::{
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        mpsc::{Sender, channel},
    },
    thread,
    time::{Instant, SystemTime},
};

use crate::{
    Limit, NetworkNamespace, Outcome, PortAccess, Request, Sandbox, SandboxError, Scratch,
    cgroup::Group,
    disk, keyring,
    spawn::{Running, describe_failure},
    status,
    supervise::{CommandEnd, supervise, watch_disk},
};

/// The exit code of shells for a command that SIGKILL ended.
const KILLED: u8 = 128 + 9;

/// What a command printed, and how it ended.
struct Ended {
    event: CommandEnd,
    output: Vec<u8>,
    output_truncated: bool,
}

impl Sandbox {
    /// Runs one command to its end. No process that it has started survives.
    ///
    /// # Errors
    /// If the sandbox cannot be created, or its processes cannot be ended. The failure of the
    /// command itself is an outcome.
    pub fn run(&self, scratch: &Scratch, request: &Request<'_>) -> Result<Outcome, SandboxError> {
        if request.network && !self.config.network {
            return Err(SandboxError::NoNetwork);
        }

        let started = SystemTime::now();
        let begun = Instant::now();
        let group =
            self.groups.as_ref().map(|groups| groups.create_group(&request.limits)).transpose()?;
        let folders = [scratch.work_folder(), scratch.tmp_folder()];

        let Ended { event, output, output_truncated } = run_in_own_session(|| {
            self.run_supervised(scratch, request, begun, group.as_ref(), &folders)
        })?;

        let stopped = matches!(event, CommandEnd::Stopped(_));
        let late_limit = || exceeded_at_end(request, group.as_ref(), &paths_of(&folders));
        let (exit_code, limit) = match event {
            CommandEnd::Cancelled => return Err(SandboxError::Cancelled),
            CommandEnd::Exceeded(limit) => (None, Some(limit)),
            CommandEnd::Stopped(code) => (Some(code.unwrap_or(KILLED)), None),
            CommandEnd::Ended(code) => match (code, late_limit()) {
                (_, Some(limit)) => (None, Some(limit)),
                (Some(code), None) => (Some(code), None),
                (None, None) => return Err(SandboxError::Setup(describe_failure(&output))),
            },
        };

        let elapsed = begun.elapsed();
        Ok(Outcome { exit_code, limit, stopped, started, elapsed, output, output_truncated })
    }

    /// Starts the command, and returns after all of its processes and its output have ended.
    fn run_supervised(
        &self,
        scratch: &Scratch,
        request: &Request<'_>,
        begun: Instant,
        group: Option<&Group>,
        folders: &[PathBuf; 2],
    ) -> Result<Ended, SandboxError> {
        let (mut running, output) = self.spawn_bubblewrap(scratch, request, group)?;
        let first = running.first;

        let (events, inbox) = channel();
        let disk_events = events.clone();
        let (keep_watching, stop_watching) = channel::<()>();
        forward_exit_code(&mut running, events);
        if let Some(observer) = request.observer.filter(|_| !request.network) {
            // The command has not begun, so this is its own process.
            observer.on_network(NetworkNamespace::of_process(first).map(PortAccess::from));
        }

        let all_gone = OnceLock::new();
        let (event, ended, output) = thread::scope(|scope| {
            scope.spawn(move || {
                let limit_bytes = request.limits.disk_bytes;
                watch_disk(&paths_of(folders), limit_bytes, first, &disk_events, &stop_watching)
            });
            let reader = scope.spawn(|| output.read_all(request, &all_gone));

            if let Some(observer) = request.observer {
                observer.on_start();
            }
            running.open_gate();
            let event = supervise(&inbox, begun, request, first, group);
            let ended = running.end_all();

            all_gone.get_or_init(Instant::now);
            drop(keep_watching);
            (event, ended, reader.join())
        });

        ended?;
        let (output, output_truncated) =
            output.map_err(|_| SandboxError::Setup("its output was lost".into()))?;
        Ok(Ended { event, output, output_truncated })
    }
}

/// Runs `work` in a thread with a session keyring of its own. The thread lives as long as the
/// command: bubblewrap ends when the thread that started it does.
fn run_in_own_session(
    work: impl FnOnce() -> Result<Ended, SandboxError> + Send,
) -> Result<Ended, SandboxError> {
    let run = || {
        let joined = keyring::join_new_session();
        joined.map_err(|error| SandboxError::Setup(format!("it gets no keyring: {error}")))?;
        work()
    };

    let ended = thread::scope(|scope| scope.spawn(run).join());
    ended.unwrap_or_else(|_| Err(SandboxError::Setup("its thread panicked".into())))
}

/// Sends the exit code once bubblewrap reports it.
fn forward_exit_code(running: &mut Running, events: Sender<CommandEnd>) {
    let report = running.report.take();

    // This thread is not joined: other processes could hold the report's pipe.
    thread::spawn(move || {
        let code = report.and_then(|mut report| status::read_exit_code(&mut report));
        // Fails if the supervisor has already returned because of a limit.
        let _ = events.send(CommandEnd::Ended(code));
    });
}

/// Returns the limit that led to the end of a command, whose event can arrive after the end itself.
fn exceeded_at_end(
    request: &Request<'_>,
    group: Option<&Group>,
    folders: &[&Path],
) -> Option<Limit> {
    let is_disk_exceeded = disk::is_exceeded(folders, request.limits.disk_bytes);
    let group_limit = group.and_then(Group::exceeded_limit);

    group_limit.or(is_disk_exceeded.then_some(Limit::Disk))
}

fn paths_of(folders: &[PathBuf; 2]) -> [&Path; 2] {
    folders.each_ref().map(PathBuf::as_path)
}
