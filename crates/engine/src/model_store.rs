//! The folder in which models are kept.

use std::fs::{self, File};
use std::path::PathBuf;

use crate::{EngineError, Model, error::io_error, fetch::fetch_model, models::check_file};

/// A folder with one file for each model, named by its digest.
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

    /// The file of this model, which need not exist.
    pub fn path_of(&self, model: &Model) -> PathBuf {
        self.folder.join(format!("{}.gguf", model.gguf))
    }

    /// Returns the model's file after checking it; fetches it if it is missing or damaged.
    ///
    /// Several processes may call this at once: one fetches, the others wait for it. An interrupted
    /// fetch leaves no file that could be mistaken for a model.
    pub fn ensure(&self, model: &'static Model) -> Result<PathBuf, EngineError> {
        let path = self.path_of(model);
        if path.is_file() && check_file(&path, model.gguf).is_ok() {
            return Ok(path);
        }

        fs::create_dir_all(&self.folder).map_err(io_error("create", &self.folder))?;
        let lock_path = path.with_extension("lock");
        let lock = File::create(&lock_path).map_err(io_error("create", &lock_path))?;
        lock.lock().map_err(io_error("lock", &lock_path))?;

        if path.is_file() {
            // Another process fetched it while this one waited, or the file is damaged.
            match check_file(&path, model.gguf) {
                Ok(()) => return Ok(path),
                Err(error) => tracing::warn!(%error, "replacing a damaged model"),
            }
            fs::remove_file(&path).map_err(io_error("remove", &path))?;
        }

        fetch_model(model, &self.folder, &path)?;
        Ok(path)
    }
}
