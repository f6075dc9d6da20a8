//! Downloads the files of a resource into a folder.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use nosana_job_spec::ModelLocation;
use rustix::fs::syncfs;

use super::{ResourceCache, create_folder, intact::is_intact, room::FolderRoom};
use crate::{
    DownloadError, FetchError, FileError, PartFile,
    error::file_error,
    fetch_time::FetchTime,
    plan::{FileSource, Plan, PlannedFile},
};

impl ResourceCache {
    /// Downloads all files of a resource, and writes them through to the disk. Those that an
    /// earlier fetch has downloaded continue.
    pub(super) fn fill_folder(
        &self,
        folder: &Path,
        plan: &Plan,
        time: &FetchTime<'_>,
    ) -> Result<(), FillError> {
        let room = FolderRoom::new(self, folder, plan, time);
        room.check_claim(plan.known_bytes()).map_err(FillError::NoRoom)?;

        for point in &plan.mount_points {
            create_folders(folder, Path::new(point))?;
        }
        for file in &plan.files {
            let path = folder.join(&file.path);
            create_parents(folder, &path)?;
            match &file.source {
                FileSource::Content(content) => {
                    fs::write(&path, content).map_err(file_error("write", &path))?;
                }
                FileSource::Location(location) => {
                    let filled = self.fill_file(&path, location, file, &room);
                    filled.map_err(|error| error.at_location(location))?;
                }
            }

            let size = fs::metadata(&path).map_err(file_error("read", &path))?.len();
            room.finish_file(size)?;
            let readable = fs::Permissions::from_mode(0o644);
            fs::set_permissions(&path, readable).map_err(file_error("change", &path))?;
        }

        // Some file systems take names for one that differ in their case or the form of letters: what
        // is left is the file that came last.
        if !is_intact(folder, plan) {
            let problem = io::Error::other("this file system does not keep all of its names apart");
            return Err(file_error("store a resource in", folder)(problem).into());
        }

        // Later jobs do not check the content again, also after a power cut.
        let opened = File::open(folder).map_err(file_error("open", folder))?;
        syncfs(&opened).map_err(|error| file_error("write", folder)(error.into()))?;
        Ok(())
    }

    /// Downloads one file and checks it. Starts anew, once, if the bytes of an earlier fetch make
    /// it wrong. What is left of one that fails can be continued.
    fn fill_file(
        &self,
        path: &Path,
        location: &ModelLocation,
        file: &PlannedFile,
        room: &FolderRoom<'_>,
    ) -> Result<(), FillError> {
        let check_time = || room.check_time().map_err(FillError::from);
        let mut part = PartFile::open_checked(path.to_owned(), check_time)?;
        if file.sha256.is_none() {
            // Nothing would show that what an earlier fetch has left is damaged.
            part.clear().map_err(file_error("write", path))?;
        }
        room.begin_file(part.length());

        loop {
            let is_resumed = !part.is_empty();
            let is_complete = file.size_bytes.is_some_and(|size| size == part.length());

            if !is_complete {
                let downloaded = self.downloader.download(location, &mut part, room, &mut |_| {});
                if downloaded.is_err() && !part.can_resume() {
                    part.clear().map_err(file_error("write", path))?;
                }
                downloaded?;
            }
            match check_file(&part, file) {
                Ok(()) => return Ok(()),
                Err(_) if is_resumed => part.clear().map_err(file_error("write", path))?,
                Err(problem) => return Err(FillError::Wrong(problem)),
            }
        }
    }
}

/// Why a file is not here.
pub(super) enum FillError {
    File(FileError),
    NoRoom(String),
    /// The source has sent another file than it must.
    Wrong(String),
    /// The source has not sent everything.
    Unfinished(String),
}

impl FillError {
    /// Whether a later fetch can continue with what is here.
    pub const fn is_unfinished(&self) -> bool {
        matches!(self, Self::Unfinished(_))
    }

    /// The error of a resource.
    pub fn name_resource(self, source_name: &str) -> FetchError {
        let source_name = source_name.to_owned();
        match self {
            Self::File(error) => error.into(),
            Self::NoRoom(problem) => FetchError::NoRoom { source_name, problem },
            Self::Wrong(problem) | Self::Unfinished(problem) => {
                FetchError::Source { source_name, problem }
            }
        }
    }

    /// Adds where the file comes from, if that is at fault.
    fn at_location(self, location: &ModelLocation) -> Self {
        match self {
            Self::Wrong(problem) => Self::Wrong(format!("{location}: {problem}")),
            Self::Unfinished(problem) => Self::Unfinished(format!("{location}: {problem}")),
            Self::File(_) | Self::NoRoom(_) => self,
        }
    }
}

impl From<FileError> for FillError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<DownloadError> for FillError {
    fn from(error: DownloadError) -> Self {
        match error {
            DownloadError::Interrupted(problem) | DownloadError::Ended(problem) => {
                Self::Unfinished(problem)
            }
            DownloadError::NoRoom(problem) => Self::NoRoom(problem),
        }
    }
}

/// Compares a file with what is known about it.
fn check_file(part: &PartFile, file: &PlannedFile) -> Result<(), String> {
    if let Some(size) = file.size_bytes.filter(|size| *size != part.length()) {
        return Err(format!("it sent {} bytes instead of {size}", part.length()));
    }
    let actual = part.digest();
    match file.sha256 {
        Some(expected) if expected != actual => {
            Err(format!("its file has the SHA-256 {actual} instead of {expected}"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Creates the folders between the resource's folder and a file.
fn create_parents(folder: &Path, path: &Path) -> Result<(), FileError> {
    let below = path.strip_prefix(folder).unwrap_or(path);
    below.parent().map_or(Ok(()), |parents| create_folders(folder, parents))
}

/// Creates a folder at a path below another one, and those between them.
fn create_folders(folder: &Path, below: &Path) -> Result<(), FileError> {
    let mut parent = folder.to_owned();

    for name in below.components() {
        parent.push(name);
        create_folder(&parent)?;
    }
    Ok(())
}
