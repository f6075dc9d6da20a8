//! JSON files that survive a crash.

use std::{fs::File, io::Write, path::Path};

use anyhow::Result;
use serde::Serialize;
use tempfile::NamedTempFile;

/// Writes a new file beside `path`, flushes it and renames it, so that a reader finds either the
/// old or the new file complete. The disk has the new one when this returns.
pub(crate) fn write_json<T: Serialize>(path: &Path, content: &T) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut staged = NamedTempFile::new_in(folder)?;

    staged.write_all(&serde_json::to_vec_pretty(content)?)?;
    staged.as_file().sync_all()?;
    staged.persist(path)?;

    // A rename outlives a loss of power only once its folder is flushed, too.
    File::open(folder)?.sync_all()?;
    Ok(())
}
