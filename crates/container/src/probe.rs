//! Opens an engine: finds out what this host supports, by running a container.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use nosana_sandbox::CancelToken;

use crate::{
    ContainerConfig, ContainerError, Engine, EngineKind, engine::CALL_TIMEOUT, error::io,
    leftovers, trial_image,
};

/// Limits of the trial: those of jobs must work.
const TRIAL_OPTIONS: [&str; 7] = [
    "--memory=67108864b",
    "--memory-swap=67108864b",
    "--cpus=1",
    "--pids-limit=64",
    "--network=none",
    "--rm",
    "--pull=never",
];
/// Where podman finds GPUs: files of the Container Device Interface.
const DEVICE_FOLDERS: [&str; 2] = ["/etc/cdi", "/var/run/cdi"];

impl Engine {
    /// Finds an engine and tries it: it must run a container within limits. Removes what containers
    /// of dead nodes have left behind.
    ///
    /// # Errors
    /// If no engine works, with the message of each.
    pub fn open(config: ContainerConfig) -> Result<Self, ContainerError> {
        if config.disabled {
            return Err(ContainerError::Disabled);
        }

        let programs = match &config.engine {
            Some(program) => vec![program.clone()],
            None => ["podman", "docker"].map(PathBuf::from).to_vec(),
        };
        let mut problems = Vec::new();
        for program in programs {
            match Self::try_open(program.clone(), config.clone()) {
                Ok(engine) => {
                    leftovers::remove_orphans(&engine);
                    return Ok(engine);
                }
                Err(error) => problems.push(format!("{}: {error}", program.display())),
            }
        }

        Err(ContainerError::NoEngine(problems.join("; ")))
    }

    fn try_open(program: PathBuf, config: ContainerConfig) -> Result<Self, ContainerError> {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let kind = if name.contains("docker") { EngineKind::Docker } else { EngineKind::Podman };
        let mut engine = Self {
            program,
            kind,
            version: String::new(),
            config,
            ulimits: Vec::new(),
            has_gpu: false,
            storage: None,
            downloads: Arc::default(),
        };

        // Only docker has a server, and without it docker runs no containers.
        let format = match kind {
            EngineKind::Podman => "{{.Client.Version}}",
            EngineKind::Docker => "{{.Server.Version}}",
        };
        engine.version = engine.call(&["version", "--format", format])?.trim().to_owned();

        engine.import_trial_image()?;
        engine.find_ulimits()?;
        engine.has_gpu = engine.finds_gpu();
        engine.storage = engine.find_storage();
        Ok(engine)
    }

    fn import_trial_image(&self) -> Result<(), ContainerError> {
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
        arguments.extend(TRIAL_OPTIONS);
        arguments.extend(options.iter().map(String::as_str));
        arguments.extend([trial_image::NAME, trial_image::PROGRAM]);

        self.call(&arguments).map(drop)
    }

    /// Finds the folder of images and containers. A docker daemon may be on another machine.
    fn find_storage(&self) -> Option<PathBuf> {
        let format = match self.kind {
            EngineKind::Podman => "{{.Store.GraphRoot}}",
            EngineKind::Docker => "{{.DockerRootDir}}",
        };
        let printed = self.call(&["info", "--format", format]).ok()?;

        Some(PathBuf::from(printed.trim())).filter(|folder| folder.is_absolute() && folder.is_dir())
    }

    fn finds_gpu(&self) -> bool {
        match self.kind {
            EngineKind::Podman => DEVICE_FOLDERS.iter().any(|folder| names_gpu(Path::new(folder))),
            EngineKind::Docker => {
                let runtimes = self.call(&["info", "--format", "{{json .Runtimes}}"]);
                runtimes.is_ok_and(|runtimes| runtimes.contains("nvidia"))
            }
        }
    }
}

fn names_gpu(folder: &Path) -> bool {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter_map(|file| fs::read_to_string(file.path()).ok())
        .any(|text| text.contains("nvidia.com/gpu"))
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

    #[test]
    fn gpus_are_found_in_device_files() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!names_gpu(folder.path()) && !names_gpu(Path::new("/no/such/folder")));
        fs::write(folder.path().join("nvidia.yaml"), "kind: nvidia.com/gpu\n").unwrap();
        assert!(names_gpu(folder.path()));
    }

    #[test]
    fn a_missing_engine_is_refused_with_a_reason() {
        let config =
            ContainerConfig { engine: Some("/no/such/podman".into()), ..Default::default() };
        let error = Engine::open(config).unwrap_err().to_string();
        assert!(error.contains("/no/such/podman") && error.contains("install podman"), "{error}");
        let disabled = ContainerConfig { disabled: true, ..Default::default() };
        assert!(matches!(Engine::open(disabled), Err(ContainerError::Disabled)));
    }
}
