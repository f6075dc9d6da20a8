//! Starts bubblewrap, and ends everything in its sandbox.

use std::{
    io::{BufReader, Write, pipe},
    os::unix::{fs::fchown, process::CommandExt},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    Request, Sandbox, SandboxError, Scratch, cgroup::Group, command::bubblewrap_arguments,
    error::io, output::Output, probe::BASH, procfs::start_time, status,
};

/// Starts bubblewrap so that 3 receives its report, 4 is the gate, 5 and 6 are the programs of the
/// filter, and both outputs are one pipe; files that this process holds open, perhaps a driver's,
/// are closed. A shell does this, because the standard library passes on three file descriptors
/// only, and closes only its own. Only bash closes those above 9. When memory runs out, the kernel
/// ends the job first, and the node's own work has priority over the job's: the job inherits both
/// settings, and cannot undo either.
const START_SCRIPT: &str = concat!(
    "exec 3>&1 1>&2 4<&0 0</dev/null; ",
    "for fd in /proc/self/fd/*; do fd=${fd##*/}; ",
    "if [ \"$fd\" -gt 4 ]; then eval \"exec $fd>&-\"; fi; done; ",
    "exec 5<\"$1\" 6<\"$2\"; shift 2; ",
    "{ echo 1000 > /proc/self/oom_score_adj; } 2>/dev/null; ",
    "exec /usr/bin/nice -n 10 \"$0\" \"$@\"",
);
/// How long processes may take to end after SIGKILL, and then others to close the output.
const END_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the end of the processes is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(1);
/// The most that is read of bubblewrap's error message, in bytes.
const MAX_MESSAGE_BYTES: usize = 4096;
/// The most of it that an error quotes, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

impl Sandbox {
    /// Starts bubblewrap. The command waits until the gate is opened.
    pub(crate) fn spawn_bubblewrap(
        &self,
        scratch: &Scratch,
        request: &Request<'_>,
        group: Option<&Group>,
    ) -> Result<(Running, Output), SandboxError> {
        let failed = |source| SandboxError::NoBubblewrap { path: self.bubblewrap.clone(), source };

        let (output, writer) = pipe().map_err(failed)?;
        let mut output = Output::new(output, END_TIMEOUT);
        if let Some(owner) = scratch.owner() {
            // A command that opens `/dev/stderr` opens the pipe once more, and must be allowed to.
            fchown(&writer, Some(owner), Some(owner)).map_err(failed)?;
        }

        let mut command = Command::new(BASH);
        command.args(["-c", START_SCRIPT]).arg(&self.bubblewrap).args(scratch.filter_files());
        command.args(bubblewrap_arguments(&self.config, scratch, request, self.groups.as_ref()));
        command.env_clear().current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(writer);
        if let Some(owner) = scratch.owner() {
            command.uid(owner).gid(owner);
        }
        let mut child = command.spawn().map_err(failed)?;
        // The command holds a writer of the pipe.
        drop(command);

        let mut report = child.stdout.take().map(BufReader::new);
        let Some(first) = report.as_mut().and_then(status::read_first_process) else {
            let message = read_failure(&mut output);
            let _ = child.kill();
            child.wait().map_err(failed)?;
            return Err(SandboxError::Setup(describe_failure(&message)));
        };

        let running = Running { start_time: start_time(first), monitor: child, first, report };
        if let Some(group) = group {
            group.add_process(running.monitor.id())?;
            group.add_process(first)?;
        }
        Ok((running, output))
    }
}

/// A running sandbox. It is ended on drop.
pub(crate) struct Running {
    monitor: Child,
    /// The first process inside, by its id on the host. When it ends, the whole sandbox does.
    pub first: u32,
    start_time: Option<u64>,
    pub report: Option<BufReader<ChildStdout>>,
}

impl Running {
    /// Lets the command start.
    pub fn open_gate(&mut self) {
        // Fails only if bubblewrap has ended already, which its report shows.
        let _ = self.monitor.stdin.take().map(|mut gate| gate.write_all(b"x"));
    }

    /// Kills what still runs, and returns when every process has ended.
    pub fn end_all(&mut self) -> Result<(), SandboxError> {
        let deadline = Instant::now() + END_TIMEOUT;

        // The kernel ends a first process only after every other one in its namespace.
        while self.start_time.is_some() && start_time(self.first) == self.start_time {
            if let Ok(first) = i32::try_from(self.first) {
                let _ = kill(Pid::from_raw(first), Signal::SIGKILL);
            }
            if Instant::now() > deadline {
                return Err(SandboxError::Unkillable(self.first));
            }
            thread::sleep(POLL_INTERVAL);
        }

        let _ = self.monitor.kill();
        let waited = self.monitor.wait();
        waited.map(drop).map_err(io("wait for", Path::new("bwrap")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.end_all();
    }
}

/// Reads what bubblewrap printed before it failed.
fn read_failure(output: &mut Output) -> Vec<u8> {
    let mut message = Vec::new();
    let mut buffer = vec![0; MAX_MESSAGE_BYTES];

    let ended = OnceLock::from(Instant::now());
    while let Some(part) =
        output.next_part(&mut buffer, &ended).filter(|_| message.len() < MAX_MESSAGE_BYTES)
    {
        message.extend_from_slice(part);
    }
    message
}

/// Returns bubblewrap's message, short enough for an error.
pub(crate) fn describe_failure(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let message: String = text.trim().chars().take(MAX_MESSAGE_CHARS).collect();
    if message.is_empty() { "it ended without a message".to_owned() } else { message }
}
