//! Starts the process that loads a file, and waits for it.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::version::ENGINE_VERSION;
use crate::{EngineError, ModelFile, ModelStore};

/// The environment variable with the path of the program `nosana`, for processes of other programs.
const PROGRAM_VARIABLE: &str = "NOSANA_BIN";
/// The file name of the program.
const PROGRAM_NAME: &str = "nosana";
/// This process's own program on Linux, which may have been replaced since the start.
const OWN_PROGRAM: &str = "/proc/self/exe";

/// How the lines begin in which llama.cpp names what is wrong with a file.
const REASONS: [&str; 2] = ["error loading model: ", "GGML_ASSERT("];

/// The time for a file without weights.
const BASE_TIMEOUT: Duration = Duration::from_secs(60);
/// The fewest bytes of weights that a process reads and multiplies in a second.
const MIN_BYTES_PER_SECOND: u64 = 50_000_000;
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// The most that is read of what the process prints, in bytes.
const MAX_OUTPUT_BYTES: usize = 64 * 1_024;

/// Loads files in a process of its own. One that it has loaded is not loaded again.
#[derive(Clone, Debug)]
pub struct ModelTrial {
    program: PathBuf,
}

impl ModelTrial {
    /// With this program, which must have the command `model check`.
    pub fn with_program(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    /// With the program in `NOSANA_BIN`, else with this process's own program.
    ///
    /// # Errors
    /// If this process is not `nosana`, and the variable is not set.
    pub fn from_env() -> Result<Self, EngineError> {
        if let Some(program) = std::env::var_os(PROGRAM_VARIABLE).filter(|path| !path.is_empty()) {
            return Ok(Self::with_program(program));
        }

        let own = std::env::current_exe().ok();
        let name = own.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy());
        // Linux appends ` (deleted)` to the name of a program that was replaced.
        let is_nosana = name.is_some_and(|name| name.split(' ').next() == Some(PROGRAM_NAME));
        match own {
            Some(own) if is_nosana => {
                let linked = PathBuf::from(OWN_PROGRAM);
                Ok(Self::with_program(if linked.exists() { linked } else { own }))
            }
            _ => Err(EngineError::NoTrial),
        }
    }

    /// Loads the file in a process of its own, unless this version has done that before.
    ///
    /// # Errors
    /// If the process fails, dies, or takes too long.
    pub fn try_file(&self, store: &ModelStore, file: &ModelFile) -> Result<(), EngineError> {
        if store.was_loaded_by(file, ENGINE_VERSION) {
            return Ok(());
        }

        let path = file.path();
        let fail = |problem: String| EngineError::Weights { path: path.to_owned(), problem };
        let bytes = path.metadata().map_or(0, |metadata| metadata.len());
        let timeout = BASE_TIMEOUT + Duration::from_secs(bytes / MIN_BYTES_PER_SECOND);
        tracing::info!(path = %path.display(), "loading a new model in a process of its own");

        let (status, output) = run_process(&self.program, path, timeout).map_err(fail)?;
        if !status.success() {
            return Err(fail(describe_end(status, &output)));
        }
        store.note_loaded(file, ENGINE_VERSION);
        Ok(())
    }
}

/// Runs the process to its end. Returns its status, and what it printed to standard error.
fn run_process(
    program: &Path,
    path: &Path,
    timeout: Duration,
) -> Result<(ExitStatus, String), String> {
    let mut child = Command::new(program)
        .args(["model", "check"])
        .arg(path)
        // A debugger would be started for the process that dies, if there is one.
        .env("GGML_NO_BACKTRACE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{} cannot start: {error}", program.display()))?;

    let stderr = child.stderr.take();
    let reading = thread::spawn(move || stderr.map(read_output).unwrap_or_default());
    let status = wait_for_end(&mut child, timeout);
    let output = reading.join().unwrap_or_default();
    Ok((status?, output))
}

/// Waits for the end of the process. Kills it when the time is over.
fn wait_for_end(child: &mut Child, timeout: Duration) -> Result<ExitStatus, String> {
    let until = Instant::now() + timeout;

    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < until => thread::sleep(POLL_INTERVAL),
            ended => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(match ended {
                    Err(error) => error.to_string(),
                    Ok(_) => format!("loading it took longer than {} s", timeout.as_secs()),
                });
            }
        }
    }
}

/// Reads what the process prints, to its end, and returns the last part of it.
fn read_output(mut stderr: ChildStderr) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4_096];

    while let Ok(count @ 1..) = stderr.read(&mut buffer) {
        kept.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let excess = kept.len().saturating_sub(MAX_OUTPUT_BYTES);
        kept.drain(..excess);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// How the process ended, with what llama.cpp says, else with the last line that it printed.
fn describe_end(status: ExitStatus, output: &str) -> String {
    let named = output.lines().find_map(find_reason);
    let last = output.lines().rev().map(str::trim).find(|line| !line.is_empty());

    match (status.code(), named.or(last)) {
        (Some(_), Some(line)) => line.trim_start_matches("error: ").to_owned(),
        (Some(code), None) => format!("the process that loads it ended with the status {code}"),
        (None, Some(line)) => format!("the process that loads it died ({status}): {line}"),
        (None, None) => format!("the process that loads it died ({status})"),
    }
}

/// What llama.cpp says about a file that it cannot load, before more lines that say less.
fn find_reason(line: &str) -> Option<&str> {
    let start = REASONS.iter().find_map(|reason| line.find(reason))?;
    line.get(start..)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    /// A store with one file, and a script as the program. The script writes a line to `runs`.
    fn try_script(lines: &str, times: usize) -> (Result<(), EngineError>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join("runs");
        let script = folder.path().join("script");
        let text = format!("#!/bin/sh\necho \"$1 $2\" >> '{}'\n{lines}\n", runs.display());
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();

        let store = ModelStore::at(folder.path().join("models"));
        fs::create_dir(folder.path().join("models")).unwrap();
        let source = folder.path().join("a.gguf");
        fs::write(&source, b"a model").unwrap();
        let file = store.import_model(&source).unwrap();

        let trial = ModelTrial::with_program(script);
        let mut tried = Ok(());
        for _ in 0..times {
            tried = trial.try_file(&store, &file);
        }
        let runs = fs::read_to_string(runs).unwrap();
        assert!(runs.lines().all(|line| line == "model check"), "{runs}");
        (tried, runs.lines().count())
    }

    #[test]
    fn a_success_is_remembered_and_a_failure_is_not() {
        let (tried, runs) = try_script("exit 0", 2);
        tried.unwrap();
        assert_eq!(runs, 1);
        assert_eq!(try_script("exit 3", 2).1, 2);
    }

    #[test]
    fn the_end_of_the_process_is_named() {
        for (lines, expected) in [
            ("echo 'error: the weights are missing' >&2; exit 1", "the weights are missing"),
            ("exit 3", "the process that loads it ended with the status 3"),
            ("echo 'GGML_ASSERT(n > 0) failed' >&2; kill -ABRT $$", "GGML_ASSERT(n > 0) failed"),
            ("echo 'x: error loading model: a; b' >&2; echo 'null' >&2; exit 1", "model: a; b"),
            ("kill -SEGV $$", "the process that loads it died (signal: 11 (SIGSEGV)"),
        ] {
            let error = try_script(lines, 1).0.unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("cannot be loaded"), "{error}");
        }
    }

    #[test]
    fn a_process_that_takes_too_long_is_killed() {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let error = wait_for_end(&mut child, Duration::from_millis(200)).unwrap_err();
        assert!(error.contains("took longer"), "{error}");
        assert!(child.try_wait().unwrap().is_some(), "it still runs");
    }

    #[test]
    fn a_program_without_the_command_is_not_started() {
        // The program of this test is not `nosana`.
        if std::env::var_os(PROGRAM_VARIABLE).is_none() {
            let error = ModelTrial::from_env().unwrap_err().to_string();
            assert!(error.contains(PROGRAM_VARIABLE), "{error}");
        }
    }
}
