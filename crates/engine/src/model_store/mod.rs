//! The folder in which models are kept: at most so many bytes of them, if a bound is given.
//!
//! | module | purpose |
//! | --- | --- |
//! | `sources` | any model from its sources |
//! | `room`, `timed_room` | removing models for others; the time of a download |
//! | `device_memory` | the memory for which a model is downloaded |
//! | `cached`, `note`, `model_file` | the models in the folder, notes about them, files in use |

mod cached;
mod device_memory;
mod model_file;
mod note;
mod room;
mod sources;
#[cfg(test)]
mod tests;
mod timed_room;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use nosana_fetch::DownloadProgress;
use nosana_fetch::{Downloader, user_cache_folder};
use nosana_job_spec::Digest;

pub use self::{cached::CachedModel, model_file::ModelFile};
use self::{device_memory::DeviceMemory, timed_room::BASE_TIME};
use crate::{EngineError, Model, error::io_error, fetch::fetch_model, models::check_file};

/// A folder with one file for each model, named by its digest.
#[derive(Clone, Debug)]
pub struct ModelStore {
    folder: PathBuf,
    /// The most bytes of models. Without it, no model is removed for another one.
    max_bytes: Option<u64>,
    /// The memory that a model must fit into, if it is known.
    device_memory: Option<DeviceMemory>,
    downloader: Downloader,
    /// The time of a download, beside that of its bytes.
    base_time: Duration,
}

impl ModelStore {
    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A store in this folder. The folder is created when a model is fetched. Nothing in it is
    /// removed to make room, unless a bound is given.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            max_bytes: None,
            device_memory: None,
            downloader: Downloader::default(),
            base_time: BASE_TIME,
        }
    }

    /// The store in the user's cache: `$XDG_CACHE_HOME/nosana/models`, or `~/.cache/nosana/models`.
    pub fn in_user_cache() -> Result<Self, EngineError> {
        let cache = user_cache_folder().ok_or(EngineError::NoCacheFolder)?;
        Ok(Self::at(cache.join("models")))
    }

    /// Keeps at most so many bytes of models: the least recently used one leaves for another one.
    pub fn with_max_bytes(self, max_bytes: u64) -> Self {
        Self { max_bytes: Some(max_bytes), ..self }
    }

    /// Gets sources in IPFS from the node whose HTTP API is at `url`.
    pub fn with_ipfs(self, url: Option<String>) -> Self {
        Self { downloader: self.downloader.with_ipfs(url), ..self }
    }

    /// Allows sources on this machine and in its own networks. A node must not allow them, unless
    /// it trusts its clients: they could send requests to what only this machine reaches.
    pub fn with_private_sources(self) -> Self {
        Self { downloader: self.downloader.with_private_sources(), ..self }
    }

    /// The file of this model, which need not exist.
    pub fn path_of(&self, model: &Model) -> PathBuf {
        self.file_path(model.gguf)
    }

    fn file_path(&self, digest: Digest) -> PathBuf {
        self.folder.join(format!("{digest}.gguf"))
    }

    /// Locks a model for this process: others that want to change its file wait.
    fn lock_model(&self, digest: Digest) -> Result<File, EngineError> {
        fs::create_dir_all(&self.folder).map_err(io_error("create", &self.folder))?;

        let path = self.file_path(digest).with_extension("lock");
        let lock = File::create(&path).map_err(io_error("create", &path))?;
        lock.lock().map_err(io_error("lock", &path))?;
        Ok(lock)
    }

    /// Returns the model's file after checking it; fetches it if it is missing or damaged.
    ///
    /// Several processes may call this at once: one fetches, the others wait for it. An interrupted
    /// fetch leaves no file that could be mistaken for a model.
    pub fn ensure(&self, model: &'static Model) -> Result<PathBuf, EngineError> {
        let path = self.path_of(model);
        if self.has_checked(model.gguf) {
            self.note_use(model.gguf);
            return Ok(path);
        }

        let _lock = self.lock_model(model.gguf)?;
        if path.is_file() {
            // Another process fetched it while this one waited, or the file is damaged.
            match check_file(&path, model.gguf) {
                Ok(()) => return Ok(path),
                Err(error) => tracing::warn!(%error, "replacing a damaged model"),
            }
            fs::remove_file(&path).map_err(io_error("remove", &path))?;
        }

        fetch_model(model, &self.folder, &path)?;
        self.note_use(model.gguf);
        Ok(path)
    }
}
