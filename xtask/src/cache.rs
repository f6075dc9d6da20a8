//! Folders in the user's cache that take long to make: a compiler, a linker, a Node.js.
//!
//! Each is made once per machine and shared by every checkout. It gets its name when it is
//! complete, so one that is there can be used without another look, and an interrupted attempt goes
//! on where it was.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::layout;

/// A folder that is being made.
pub struct Draft {
    /// Where it is now. What an earlier attempt left is still in it.
    pub now: PathBuf,
    /// Where it will be.
    pub finally: PathBuf,
    /// For the output of commands.
    pub log: PathBuf,
}

/// Finds a folder of this name, or makes it. Only one process makes it; others wait.
pub fn make_folder(name: &str, make: impl FnOnce(&Draft) -> Result<()>) -> Result<PathBuf> {
    let cache = layout::cache_folder()?;
    let finally = cache.join(name);
    if finally.is_dir() {
        return Ok(finally);
    }
    let now = cache.join(format!("{name}.partial"));
    fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
    let _alone = lock_file(&cache.join(format!("{name}.lock")))?;
    if !finally.is_dir() {
        fs::create_dir_all(&now).with_context(|| format!("cannot create {}", now.display()))?;
        let draft = Draft { log: now.join("log"), now, finally };
        make(&draft)?;
        fs::rename(&draft.now, &draft.finally)
            .with_context(|| format!("cannot create {}", draft.finally.display()))?;
        return Ok(draft.finally);
    }
    Ok(finally)
}

/// Makes one part of a draft, whole or not at all; a part that is there already is left alone.
pub fn make_part(place: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if place.exists() {
        return Ok(());
    }
    let partial = place.with_extension("partial");
    fs::remove_dir_all(&partial).ok();
    fs::create_dir_all(&partial).with_context(|| format!("cannot create {}", partial.display()))?;
    make(&partial)?;
    fs::rename(&partial, place).with_context(|| format!("cannot create {}", place.display()))
}

/// Waits until no other process holds the lock; it ends with the process that holds it.
fn lock_file(place: &Path) -> Result<File> {
    let file = File::create(place).with_context(|| format!("cannot create {}", place.display()))?;
    if file.try_lock().is_err() {
        eprintln!(
            "another process is making {}: waiting for it",
            place.with_extension("").display()
        );
        file.lock().with_context(|| format!("cannot lock {}", place.display()))?;
    }
    Ok(file)
}
