//! Creates one container, and the folder in which its command begins.

use std::{
    io::Read,
    process::{ChildStdout, Stdio},
    thread,
    time::Duration,
};

use nosana_sandbox::CancelToken;

use crate::{
    ContainerError, ContainerRequest, EngineKind, HostFolder,
    call::{CALL_TIMEOUT, wait_for_end},
    container::Container,
    error::io,
    failed_removals::ItemKind,
    overlap::find_overlap,
};

/// The longest time of copying a folder into a container.
const COPY_TIMEOUT: Duration = Duration::from_secs(3_600);

/// Why a container does not begin although the engine works.
pub(crate) struct NotCreated {
    /// What its log says.
    pub problem: String,
    /// Whether the work was stopped meanwhile; otherwise the definition is at fault.
    pub is_stopped: bool,
}

impl From<String> for NotCreated {
    /// The definition is at fault.
    fn from(problem: String) -> Self {
        Self { problem, is_stopped: false }
    }
}

impl Container<'_> {
    /// Creates the container. The inner error: the definition is at fault, or the work was stopped
    /// while files were copied. `volumes` are the engine's names of the volumes to mount.
    ///
    /// # Errors
    /// If the engine does not create it, and no other container either.
    pub fn create(
        &self,
        request: &ContainerRequest<'_>,
        volumes: &[String],
    ) -> Result<Result<(), NotCreated>, ContainerError> {
        if let Some(problem) = find_overlap(request.folders, request.mounts) {
            return Ok(Err(problem.into()));
        }
        let arguments = self.engine.create_arguments(self, request, volumes);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let create = || self.engine.call_with(&arguments, &[], CALL_TIMEOUT, request.cancel);

        match create() {
            Ok(_) => {}
            Err(ContainerError::Engine { .. }) => {
                // The message does not say whose fault it is. The trial does, and the second try
                // is for what was so for a moment only.
                self.engine.check_engine()?;
                // The second try needs the name now, so nothing removes it later.
                let _ = self.engine.remove_item(ItemKind::Container, &self.name);
                match create() {
                    Ok(_) => {}
                    Err(ContainerError::Engine { problem, .. }) => return Ok(Err(problem.into())),
                    Err(error) => return Err(error),
                }
            }
            Err(error) => return Err(error),
        }

        for folder in request.folders.iter().filter(|folder| folder.is_copied) {
            if let Err(not_created) = self.copy_folder(folder, request.cancel)? {
                return Ok(Err(not_created));
            }
        }
        if let Some(folder) = request.work_dir {
            self.make_work_folder(folder, request.cancel)?;
        }
        Ok(Ok(()))
    }

    /// Copies a folder of the host into the container. If the image has no place for it, or its
    /// copy takes too long, the definition is at fault, and the inner error says why.
    fn copy_folder(
        &self,
        folder: &HostFolder<'_>,
        cancel: &CancelToken,
    ) -> Result<Result<(), NotCreated>, ContainerError> {
        let archive = pack_folder(folder.path).map_err(io("pack a folder"))?;
        let root = format!("{}:/", self.name);
        let source = format!("{}/.", folder.folder.display());
        let target = format!("{}:{}", self.name, folder.path);

        let copied =
            self.engine.call_with(&["cp", "-", &root], &archive, CALL_TIMEOUT, cancel).and_then(
                |_| self.engine.call_with(&["cp", &source, &target], &[], COPY_TIMEOUT, cancel),
            );
        match copied {
            Ok(_) => Ok(Ok(())),
            Err(ContainerError::Engine { problem, .. }) => {
                // The message does not say whose fault it is: a node whose engine or disk is at
                // fault runs no other container either.
                self.engine.check_engine()?;
                Ok(Err(format!("cannot copy files to {}: {problem}", folder.path).into()))
            }
            // What the job did until now is its result.
            Err(ContainerError::Cancelled) if !cancel.is_cancelled() => {
                let problem = format!("it was stopped while files were copied to {}", folder.path);
                Ok(Err(NotCreated { problem, is_stopped: true }))
            }
            Err(error) => Err(error),
        }
    }

    /// Creates the folder in which the command begins if the image does not have it: docker does
    /// that itself, and podman refuses to start such a container.
    fn make_work_folder(&self, folder: &str, cancel: &CancelToken) -> Result<(), ContainerError> {
        match self.engine.kind {
            EngineKind::Docker => return Ok(()),
            EngineKind::Podman if self.has_path(folder, cancel)? => return Ok(()),
            EngineKind::Podman => {}
        }

        let archive = pack_folder(folder).map_err(io("pack a folder"))?;
        let target = format!("{}:/", self.name);
        match self.engine.call_with(&["cp", "-", &target], &archive, CALL_TIMEOUT, cancel) {
            // If it cannot be created, for instance because a part of its path is a file, the
            // container does not start, and its log says why.
            Ok(_) | Err(ContainerError::Engine { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Returns whether the container has something at this path: the engine then begins to copy it.
    fn has_path(&self, path: &str, cancel: &CancelToken) -> Result<bool, ContainerError> {
        let mut command = self.engine.base_command();
        command.args(["cp", &format!("{}:{path}", self.name), "-"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(io("start the container engine"))?;
        let stdout = child.stdout.take();

        let failed = |problem: String| ContainerError::Engine { action: "cp".to_owned(), problem };
        thread::scope(|scope| {
            // Dropping the pipe after the first byte ends the engine.
            let reader = scope.spawn(|| stdout.is_some_and(has_output));
            let ended = wait_for_end(&mut child, CALL_TIMEOUT, cancel, failed);

            let has_path = reader.join().unwrap_or(false);
            ended.map(|_| has_path)
        })
    }
}

fn has_output(mut stdout: ChildStdout) -> bool {
    matches!(stdout.read(&mut [0]), Ok(1))
}

/// Packs an empty folder with this absolute path. Folders on the way to it are not entries of the
/// archive, so the engine creates those that are missing and does not change the others.
fn pack_folder(path: &str) -> std::io::Result<Vec<u8>> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_size(0);
    header.set_mode(0o755);
    header.set_cksum();

    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, path.trim_start_matches('/'), std::io::empty())?;
    archive.into_inner()
}
