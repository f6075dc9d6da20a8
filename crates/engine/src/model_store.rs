//! The folder in which models are kept.

use std::fs::{self, File};
use std::path::PathBuf;

use crate::{EngineError, Model, error::io_error, fetch::fetch_model};

/// A folder with one subfolder for each model, named by the digest of its weights.
#[derive(Clone, Debug)]
pub struct ModelStore {
    folder: PathBuf,
}

impl ModelStore {
    /// A store in this folder. The folder is created when a model is fetched.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The store in the user's cache: `$XDG_CACHE_HOME/nosana/models`, or `~/.cache/nosana/models`.
    pub fn in_user_cache() -> Result<Self, EngineError> {
        let xdg =
            std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || {
            std::env::home_dir().filter(|path| path.is_absolute()).map(|path| path.join(".cache"))
        };

        let cache = xdg.or_else(home).ok_or(EngineError::NoCacheFolder)?;
        Ok(Self::at(cache.join("nosana").join("models")))
    }

    /// The folder of this model, which need not exist.
    pub fn folder_of(&self, model: &Model) -> PathBuf {
        self.folder.join(model.weights.sha256.to_string())
    }

    /// Returns the folder with the model's files after checking them; fetches them if they are
    /// missing or damaged.
    ///
    /// Several processes may call this at once: one fetches, the others wait for it. An interrupted
    /// fetch leaves no folder that could be mistaken for a model.
    pub fn ensure(&self, model: &'static Model) -> Result<PathBuf, EngineError> {
        let folder = self.folder_of(model);
        if folder.is_dir() && model.verify(&folder).is_ok() {
            return Ok(folder);
        }

        fs::create_dir_all(&self.folder).map_err(io_error("create", &self.folder))?;
        let lock_path = folder.with_extension("lock");
        let lock = File::create(&lock_path).map_err(io_error("create", &lock_path))?;
        lock.lock().map_err(io_error("lock", &lock_path))?;

        if folder.is_dir() {
            // Another process fetched it while this one waited, or the files are damaged.
            match model.verify(&folder) {
                Ok(()) => return Ok(folder),
                Err(error) => tracing::warn!(%error, "replacing a damaged model"),
            }
            fs::remove_dir_all(&folder).map_err(io_error("remove", &folder))?;
        }

        fetch_model(model, &self.folder, &folder)?;
        Ok(folder)
    }
}
