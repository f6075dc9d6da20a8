//! Commands that run at the same time: tests that mostly wait for networks of their own.
//!
//! Each has its output in a file, which is printed if it fails.

use std::{
    collections::VecDeque,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::step::Step;
use crate::{layout, progress::format_duration, shell};

/// How often the processes are looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Longest time of one command. The slowest takes a few minutes: a longer one waits for something
/// that does not come.
const MAX_TIME: Duration = Duration::from_secs(20 * 60);

/// A command with a name.
pub struct Task {
    /// Its name, which is also its log's.
    pub name: String,
    /// What runs.
    pub command: Command,
}

/// A command that ended.
pub struct Ended {
    /// Its name.
    pub name: String,
    /// How long it took.
    pub time: Duration,
    /// Whether it passed.
    pub has_passed: bool,
}

/// A command that runs.
struct Running {
    name: String,
    process: Child,
    log: PathBuf,
    begun: Instant,
}

/// Returns the task that runs a step in a process of its own.
///
/// # Errors
/// If the path of this program is not known.
pub fn step_task(step: &Step) -> Result<Task> {
    let mut command = Command::new(shell::own_program()?);
    command.args(["test", "--only", step.name, "--verdict"]).arg(verdict_file(step));

    Ok(Task { name: step.name.to_owned(), command })
}

/// Returns what the process of a step that passed says about it, such as what it left out.
///
/// # Errors
/// If the process did not write it.
pub fn read_verdict(step: &Step) -> Result<String> {
    let file = verdict_file(step);
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// Returns the file to which a step's process writes its result.
fn verdict_file(step: &Step) -> PathBuf {
    log_folder().join(format!("{}.verdict", step.name))
}

/// Returns the folder of the logs.
fn log_folder() -> PathBuf {
    layout::target_folder().join("test-logs")
}

/// Runs the tasks in their order, `at_once` at a time, and returns them in the order in which they
/// end. A failure does not stop the others: one run names everything that fails.
///
/// # Errors
/// If a process cannot be started.
pub fn run_tasks(tasks: Vec<Task>, at_once: usize) -> Result<Vec<Ended>> {
    let folder = log_folder();
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;

    let count = tasks.len();
    let mut waiting = VecDeque::from(tasks);
    let mut running: Vec<Running> = Vec::new();
    let mut ended = Vec::new();
    while ended.len() < count {
        while running.len() < at_once
            && let Some(task) = waiting.pop_front()
        {
            running.push(task.start(&folder)?);
        }

        std::thread::sleep(POLL_INTERVAL);
        let mut still_running = Vec::new();
        for mut task in running {
            match task.poll()? {
                None => still_running.push(task),
                Some(has_passed) => ended.push(task.report(has_passed, (ended.len() + 1, count))?),
            }
        }
        running = still_running;
    }
    Ok(ended)
}

impl Task {
    fn start(mut self, folder: &Path) -> Result<Running> {
        let log = folder.join(format!("{}.log", self.name.replace('/', "-")));
        let output =
            File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;

        let process = self
            .command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start {}", self.name))?;
        Ok(Running { name: self.name, process, log, begun: Instant::now() })
    }
}

impl Running {
    /// Returns whether the command passed, or nothing while it runs. Ends it after its time.
    fn poll(&mut self) -> Result<Option<bool>> {
        if let Some(status) = self.process.try_wait()? {
            return Ok(Some(status.success()));
        }

        if self.begun.elapsed() < MAX_TIME {
            return Ok(None);
        }
        eprintln!("   {}: ended after {}", self.name, format_duration(MAX_TIME));
        self.process.kill()?;
        self.process.wait()?;
        Ok(Some(false))
    }

    fn report(self, has_passed: bool, (number, count): (usize, usize)) -> Result<Ended> {
        let Self { name, log, begun, .. } = self;
        let time = begun.elapsed();

        let verdict = if has_passed { "ok" } else { "FAILED" };
        if !has_passed {
            let text = fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
            eprintln!("{}", String::from_utf8_lossy(&text));
        }
        eprintln!("   {number:>3}/{count} {name:38} {:>12}  {verdict}", format_duration(time));
        Ok(Ended { name, time, has_passed })
    }
}
