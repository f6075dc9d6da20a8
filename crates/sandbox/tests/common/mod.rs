//! Commands in the real bubblewrap. Without it, tests fail with what to install.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use nosana_sandbox::{
    CancelToken, Limits, Outcome, Request, Sandbox, SandboxConfig, SandboxError, Scratch,
};

/// A sandbox and the folders of one job.
pub struct Job {
    pub sandbox: Sandbox,
    pub scratch: Scratch,
}

impl Job {
    pub fn new() -> Self {
        Self::with_config(SandboxConfig::default())
    }

    pub fn with_config(config: SandboxConfig) -> Self {
        let sandbox = Sandbox::open(config).unwrap_or_else(|error| panic!("{error}"));
        let scratch = sandbox.create_scratch().unwrap();
        Self { sandbox, scratch }
    }

    #[allow(dead_code, reason = "not every test file uses it")]
    pub fn sh(&self, line: &str) -> Outcome {
        self.sh_within(line, limits())
    }

    pub fn sh_within(&self, line: &str, limits: Limits) -> Outcome {
        self.run(&["/bin/sh", "-eu", "-c", line], "", limits)
    }

    pub fn run(&self, argv: &[&str], directory: &str, limits: Limits) -> Outcome {
        self.run_until(&CancelToken::default(), argv, directory, limits)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn run_until(
        &self,
        cancel: &CancelToken,
        argv: &[&str],
        directory: &str,
        limits: Limits,
    ) -> Result<Outcome, SandboxError> {
        let argv: Vec<String> = argv.iter().map(|word| word.to_string()).collect();
        let env = BTreeMap::from([("JOB_VARIABLE".to_owned(), "its value".to_owned())]);
        let request = Request {
            argv: &argv,
            env: &env,
            directory,
            network: false,
            limits,
            cancel,
            observer: None,
        };
        self.sandbox.run(&self.scratch, &request)
    }
}

/// Limits for commands that should end quickly.
pub fn limits() -> Limits {
    Limits { time: Duration::from_secs(30), ..Limits::default() }
}

#[allow(dead_code, reason = "not every test file uses it")]
pub fn text(outcome: &Outcome) -> String {
    String::from_utf8_lossy(&outcome.output).into_owned()
}

/// A folder that the user who runs commands can reach.
#[allow(dead_code, reason = "not every test file uses it")]
pub fn reachable_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

/// Writes a program that runs these lines of the shell, and then bubblewrap.
#[allow(dead_code, reason = "not every test file uses it")]
pub fn write_bubblewrap(folder: &Path, lines: &str) -> PathBuf {
    let program = folder.join("bwrap");
    fs::write(&program, format!("#!/bin/bash\n{lines}\nexec /usr/bin/bwrap \"$@\"\n")).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    program
}
