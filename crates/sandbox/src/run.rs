//! One command, from the start of bubblewrap to the end of the last process.

use std::{
    io::{BufReader, Write},
    os::unix::{fs::fchown, process::CommandExt},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{OnceLock, mpsc::channel},
    thread,
    time::{Duration, Instant, SystemTime},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    Limit, Outcome, Request, Sandbox, SandboxError, Scratch,
    cgroup::Group,
    command::arguments,
    error::io,
    output::Output,
    probe::BASH,
    processes::began,
    status,
    supervise::{Event, supervise, watch_disk},
};

/// Starts bubblewrap so that 3 takes its report, 4 is the gate, and both outputs are one pipe;
/// files that this process holds open, perhaps a driver's, are closed. A shell does this, because
/// the standard library passes on three file descriptors only, and closes only its own. Only bash
/// closes those above 9. Where memory runs out, the kernel ends the job first, and the node's own
/// work goes before the job's: it inherits both, and cannot undo either.
const START: &str = "exec 3>&1 1>&2 4<&0 0</dev/null; for fd in /proc/self/fd/*; do fd=${fd##*/}; \
                     if [ \"$fd\" -gt 4 ]; then eval \"exec $fd>&-\"; fi; done; \
                     { echo 1000 > /proc/self/oom_score_adj; } 2>/dev/null; exec /usr/bin/nice -n 10 \"$0\" \"$@\"";
/// The exit code of shells for a command that SIGKILL ended.
const KILLED: u8 = 128 + 9;
/// How long processes may take to end after SIGKILL, and then others to let go of the output.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most that is read of what bubblewrap says when it fails, in bytes.
const COMPLAINT_BYTES: usize = 4096;

impl Sandbox {
    /// Runs one command to its end. Nothing that it started lives on.
    ///
    /// # Errors
    /// If the sandbox cannot be made, or its processes cannot be ended. What the command itself
    /// does is an outcome.
    pub fn run(&self, scratch: &Scratch, request: &Request<'_>) -> Result<Outcome, SandboxError> {
        if request.network && !self.config.network {
            return Err(SandboxError::NoNetwork);
        }
        let (started, begun) = (SystemTime::now(), Instant::now());
        let group = self.groups.as_ref().map(|groups| groups.make(&request.limits)).transpose()?;
        let (mut running, output) = self.start(scratch, request, group.as_ref())?;
        let folders = [scratch.work(), scratch.tmp()];
        let (events, inbox) = channel();
        let (keep_watching, stop_watching) = channel::<()>();
        let (for_status, for_disk) = (events.clone(), events.clone());
        let report = running.report.take();
        // Nobody waits for this thread: others could hold the report's pipe.
        thread::spawn(move || {
            let code = report.and_then(|mut report| status::exit_code(&mut report));
            // Nobody listens any more if a limit came first.
            let _ = for_status.send(Event::Ended(code));
        });
        let all_gone = OnceLock::new();
        let (end, ended, output) = thread::scope(|scope| {
            let folders = folders.each_ref().map(|folder| folder.as_path());
            let first = running.first;
            scope.spawn(move || {
                watch_disk(&folders, request.limits.disk_bytes, first, &for_disk, &stop_watching)
            });
            let reader = scope.spawn(|| output.read(request, &events, &all_gone));
            running.open_gate();
            let end = supervise(&inbox, begun, request, running.first, group.as_ref());
            let ended = running.end();
            all_gone.get_or_init(Instant::now);
            drop(keep_watching);
            (end, ended, reader.join())
        });
        ended?;
        let (output, output_truncated) =
            output.map_err(|_| SandboxError::Setup("its output was lost".into()))?;
        // The end can come before the news of what led to it.
        let late = || {
            let disk = crate::disk::is_exceeded(
                &folders.each_ref().map(|f| f.as_path()),
                request.limits.disk_bytes,
            );
            let group = group.as_ref().and_then(Group::exceeded);
            let output = output_truncated && !request.limits.keeps_end;
            group.or(disk.then_some(Limit::Disk)).or(output.then_some(Limit::Output))
        };
        let stopped = matches!(end, Event::Stopped(_));
        let (exit_code, limit) = match end {
            Event::Cancelled => return Err(SandboxError::Cancelled),
            Event::Over(limit) => (None, Some(limit)),
            Event::Stopped(code) => (Some(code.unwrap_or(KILLED)), None),
            Event::Ended(code) => match (code, late()) {
                (_, Some(limit)) => (None, Some(limit)),
                (Some(code), None) => (Some(code), None),
                (None, None) => return Err(SandboxError::Setup(complaint(&output))),
            },
        };
        Ok(Outcome {
            exit_code,
            limit,
            stopped,
            started,
            elapsed: begun.elapsed(),
            output,
            output_truncated,
        })
    }

    /// Starts bubblewrap. The command waits at the gate.
    fn start(
        &self,
        scratch: &Scratch,
        request: &Request<'_>,
        group: Option<&Group>,
    ) -> Result<(Running, Output), SandboxError> {
        let failed = |source| SandboxError::NoBubblewrap { path: self.bubblewrap.clone(), source };
        let (output, writer) = std::io::pipe().map_err(failed)?;
        let mut output = Output::new(output, PATIENCE);
        if let Some(owner) = self.owner {
            // Whoever opens `/dev/stderr` opens the pipe once more, and must be allowed to.
            fchown(&writer, Some(owner), Some(owner)).map_err(failed)?;
        }
        let mut command = Command::new(BASH);
        command.args(["-c", START]).arg(&self.bubblewrap);
        command.args(arguments(&self.config, scratch, request, self.groups.as_ref()));
        command
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(writer);
        if let Some(owner) = self.owner {
            command.uid(owner).gid(owner);
        }
        let mut child = command.spawn().map_err(failed)?;
        // It holds an end of the pipe.
        drop(command);
        let mut report = child.stdout.take().map(BufReader::new);
        let Some(first) = report.as_mut().and_then(status::first_process) else {
            let (mut said, mut buffer) = (Vec::new(), vec![0; COMPLAINT_BYTES]);
            let given_up = OnceLock::from(Instant::now());
            while let Some(part) =
                output.next(&mut buffer, &given_up).filter(|_| said.len() < COMPLAINT_BYTES)
            {
                said.extend_from_slice(part);
            }
            let _ = child.kill();
            child.wait().map_err(failed)?;
            return Err(SandboxError::Setup(complaint(&said)));
        };
        let running = Running { began: began(first), monitor: child, first, report };
        if let Some(group) = group {
            group.add(running.monitor.id())?;
            group.add(first)?;
        }
        Ok((running, output))
    }
}

/// A sandbox at work. It is ended when this is dropped.
struct Running {
    monitor: Child,
    /// The first process within, by its number on the host. With it, the whole sandbox ends.
    first: u32,
    began: Option<u64>,
    report: Option<BufReader<ChildStdout>>,
}

impl Running {
    fn open_gate(&mut self) {
        // Fails only if bubblewrap is gone already, which its report tells.
        let _ = self.monitor.stdin.take().map(|mut gate| gate.write_all(b"x"));
    }

    /// Ends what still runs, and returns when all of it is gone.
    fn end(&mut self) -> Result<(), SandboxError> {
        let deadline = Instant::now() + PATIENCE;
        // The kernel ends a first process only after everything else in its namespace.
        while self.began.is_some() && began(self.first) == self.began {
            if let Ok(first) = i32::try_from(self.first) {
                let _ = kill(Pid::from_raw(first), Signal::SIGKILL);
            }
            if Instant::now() > deadline {
                return Err(SandboxError::Immortal(self.first));
            }
            thread::sleep(Duration::from_millis(1));
        }
        let _ = self.monitor.kill();
        let waited = self.monitor.wait();
        waited.map(drop).map_err(io("wait for", std::path::Path::new("bwrap")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// What bubblewrap said, short enough for an error.
fn complaint(output: &[u8]) -> String {
    let said: String = String::from_utf8_lossy(output).trim().chars().take(500).collect();
    if said.is_empty() { "it ended without a word".to_owned() } else { said }
}
