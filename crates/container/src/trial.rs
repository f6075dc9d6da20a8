//! The trial of an engine: finds settings with which it runs a container on this host.

use std::fs;

use nosana_sandbox::CancelToken;

use crate::{ContainerError, Engine, EngineKind, call::CALL_TIMEOUT, error::io, trial_image};

/// Limits of the trial: those of jobs must work.
pub(crate) const TRIAL_LIMITS: [&str; 4] =
    ["--memory=67108864b", "--memory-swap=67108864b", "--cpus=1", "--pids-limit=64"];
const TRIAL_OPTIONS: [&str; 3] = ["--network=none", "--rm", "--pull=never"];
/// OCI runtimes to try where the engine's own does not work. crun, which many distributions ship as
/// podman's own, refuses hosts with both versions of control groups; old releases of runc refuse
/// others.
const FALLBACK_RUNTIMES: [&str; 2] = ["runc", "crun"];

impl Engine {
    /// Finds the OCI runtime with which a container starts, and remembers it for all calls. Tries
    /// the engine's own first, and only the owner's if the owner has named one.
    pub(crate) fn find_runtime(&mut self) -> Result<(), ContainerError> {
        self.import_trial_image()?;

        let Err(own_error) = self.find_ulimits() else { return Ok(()) };
        // docker calls its runtimes by names of its own, and ships the one that it uses.
        if self.runtime.is_some() || self.kind == EngineKind::Docker {
            return Err(own_error);
        }

        let mut problems = vec![own_error.to_string()];
        for runtime in FALLBACK_RUNTIMES {
            self.runtime = Some(runtime.to_owned());
            match self.find_ulimits() {
                Ok(()) => {
                    self.runtime_notice = Some(format!(
                        "containers run with `{runtime}`, because the engine's own OCI runtime \
                         does not work here: {own_error}"
                    ));
                    return Ok(());
                }
                Err(error) => problems.push(format!("with `--runtime {runtime}`: {error}")),
            }
        }
        Err(ContainerError::Engine { action: "run".to_owned(), problem: problems.join("; ") })
    }

    /// Fails if the engine does not run a container now.
    pub(crate) fn check_engine(&self) -> Result<(), ContainerError> {
        // The owner may have removed all images that no container uses.
        self.import_trial_image()?;
        self.run_trial()
    }

    /// Imports the image of the engine's trial, if it is missing.
    pub(crate) fn import_trial_image(&self) -> Result<(), ContainerError> {
        if self.call(&["image", "inspect", trial_image::NAME]).is_ok() {
            return Ok(());
        }

        let unsupported = "containers run on x86-64 and 64-bit ARM only";
        let archive = trial_image::build_archive()
            .map_err(io("build the trial image"))?
            .ok_or_else(|| ContainerError::NoEngine(unsupported.to_owned()))?;

        let arguments = ["import", "-", trial_image::NAME];
        self.call_with(&arguments, &archive, CALL_TIMEOUT, &CancelToken::default()).map(drop)
    }

    /// Finds values of `--ulimit` with which a container starts. Engines raise the limits of open
    /// files and processes, which a node within a container of its own is not allowed to do.
    fn find_ulimits(&mut self) -> Result<(), ContainerError> {
        let hard = hard_limit("Max open files").unwrap_or(4096);
        let candidates = [None, Some((hard, 32768)), Some((hard.min(4096), 4096))];

        let mut result = Ok(());
        for candidate in candidates {
            self.ulimits = candidate.map_or_else(Vec::new, |(files, processes)| {
                vec![format!("nofile={files}:{files}"), format!("nproc={processes}:{processes}")]
            });
            result = self.run_trial();
            if result.is_ok() {
                break;
            }
        }
        result
    }

    fn run_trial(&self) -> Result<(), ContainerError> {
        let options = self.run_options();
        let mut arguments = vec!["run"];
        arguments.extend(TRIAL_LIMITS.into_iter().chain(TRIAL_OPTIONS));
        arguments.extend(options.iter().map(String::as_str));
        arguments.extend([trial_image::NAME, trial_image::PROGRAM]);

        self.call(&arguments).map(drop)
    }
}

/// Returns a hard limit of this process, by the kernel's name; `None` if it is unlimited.
fn hard_limit(name: &str) -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    limits.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().nth(1)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hard_limit_is_read() {
        assert!(hard_limit("Max open files").is_some_and(|limit| limit > 0));
        assert_eq!(hard_limit("Max patience"), None);
    }
}
