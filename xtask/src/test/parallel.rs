//! Steps that run at the same time: tests that mostly wait for networks of their own.
//!
//! Each runs as a process of this program, with its output in a file, which is printed if it fails.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::step::Step;
use crate::{layout, shell};

/// A step that ended.
pub struct Ended {
    /// Its name.
    pub name: &'static str,
    /// How long it took.
    pub time: Duration,
    /// Whether it passed.
    pub has_passed: bool,
}

/// A step that runs.
struct Running {
    name: &'static str,
    process: Child,
    log: PathBuf,
    begun: Instant,
}

/// Runs the steps, and returns them in the order in which they end.
///
/// # Errors
/// If a process cannot be started.
pub fn run_together(steps: &[&Step]) -> Result<Vec<Ended>> {
    let mut running: Vec<Running> = steps.iter().map(|step| start(step)).collect::<Result<_>>()?;
    let mut ended = Vec::new();

    while !running.is_empty() {
        std::thread::sleep(Duration::from_millis(200));
        let mut still_running = Vec::new();
        for mut step in running {
            match step.process.try_wait()? {
                None => still_running.push(step),
                Some(status) => ended.push(step.report(status.success())?),
            }
        }
        running = still_running;
    }
    Ok(ended)
}

fn start(step: &Step) -> Result<Running> {
    let folder = layout::target_folder().join("test-logs");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let log = folder.join(format!("{}.log", step.name));
    let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;

    eprintln!("   {}: {}; output in {}", step.name, step.about, log.display());
    let process = Command::new(shell::own_program()?)
        .args(["test", "--only", step.name])
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
        .with_context(|| format!("cannot start the step {}", step.name))?;
    Ok(Running { name: step.name, process, log, begun: Instant::now() })
}

impl Running {
    fn report(self, has_passed: bool) -> Result<Ended> {
        let Self { name, log, begun, .. } = self;

        if has_passed {
            eprintln!("   {name}: ok");
        } else {
            let text = fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
            eprintln!("{}\n   {name}: FAILED", String::from_utf8_lossy(&text));
        }
        Ok(Ended { name, time: begun.elapsed(), has_passed })
    }
}
