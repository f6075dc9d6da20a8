//! Folders in the user's cache that take long to build: a compiler, a linker, a Node.js.
//!
//! Each is built once per machine and shared by every checkout. A folder gets its final name only
//! when it is complete, so an existing folder needs no further check, and an interrupted attempt
//! resumes in the partial folder.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::layout;

/// A cache folder under construction.
pub struct Draft {
    /// The folder to write to. It still contains the files of an interrupted attempt.
    pub partial: PathBuf,
    /// The path that the folder gets when it is complete.
    pub target: PathBuf,
    /// Log file for the output of commands.
    pub log: PathBuf,
}

/// Returns the cache folder of this name, and builds it if it is missing. Only one process builds
/// it; others wait.
pub fn make_folder(name: &str, make: impl FnOnce(&Draft) -> Result<()>) -> Result<PathBuf> {
    let cache = layout::cache_folder()?;
    let target = cache.join(name);
    if target.is_dir() {
        return Ok(target);
    }

    fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
    let _lock = lock_file(&cache.join(format!("{name}.lock")))?;

    // Another process may have built it while this one waited for the lock.
    if target.is_dir() {
        return Ok(target);
    }

    let partial = cache.join(format!("{name}.partial"));
    fs::create_dir_all(&partial).with_context(|| format!("cannot create {}", partial.display()))?;
    let draft = Draft { log: partial.join("log"), partial, target };
    make(&draft)?;

    fs::rename(&draft.partial, &draft.target)
        .with_context(|| format!("cannot create {}", draft.target.display()))?;
    Ok(draft.target)
}

/// Builds one part of a draft completely or not at all; skips a part that exists.
pub fn make_part(path: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if path.exists() {
        return Ok(());
    }

    let partial = path.with_extension("partial");
    fs::remove_dir_all(&partial).ok();
    fs::create_dir_all(&partial).with_context(|| format!("cannot create {}", partial.display()))?;
    make(&partial)?;

    fs::rename(&partial, path).with_context(|| format!("cannot create {}", path.display()))
}

/// Locks a file, and waits while another process holds the lock. The lock is released when the
/// returned file is dropped or its process ends.
fn lock_file(path: &Path) -> Result<File> {
    let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;

    if file.try_lock().is_err() {
        eprintln!("waiting for another process that builds {}", path.with_extension("").display());
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }

    Ok(file)
}
