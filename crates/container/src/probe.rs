//! Opens an engine: finds the first that runs a container, and what it supports.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{ContainerConfig, ContainerError, Engine, EngineKind, fetch::new_downloads};

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
                    engine.remove_orphans();
                    return Ok(engine);
                }
                Err(error) => problems.push(format!("{}: {error}", program.display())),
            }
        }

        Err(ContainerError::NoEngine(problems.join("; ")))
    }

    /// Returns an engine about which nothing is known.
    pub(crate) fn untried(program: PathBuf, config: ContainerConfig) -> Self {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let kind = if name.contains("docker") { EngineKind::Docker } else { EngineKind::Podman };

        Self {
            program,
            kind,
            version: String::new(),
            runtime: config.runtime.clone(),
            config,
            runtime_notice: None,
            ulimits: Vec::new(),
            has_gpu: false,
            storage: None,
            downloads: new_downloads(),
            removals: Arc::default(),
        }
    }

    fn try_open(program: PathBuf, config: ContainerConfig) -> Result<Self, ContainerError> {
        let mut engine = Self::untried(program, config);

        // Only docker has a server, and without it docker runs no containers.
        let format = match engine.kind {
            EngineKind::Podman => "{{.Client.Version}}",
            EngineKind::Docker => "{{.Server.Version}}",
        };
        engine.version = engine.call(&["version", "--format", format])?.trim().to_owned();

        engine.find_runtime()?;
        engine.has_gpu = engine.finds_gpu();
        engine.storage = engine.find_storage();
        Ok(engine)
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

#[cfg(test)]
mod tests {
    use super::*;

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
