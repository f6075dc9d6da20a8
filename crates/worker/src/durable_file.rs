//! JSON files that survive a crash.

use std::{io::Write, path::Path};

use anyhow::Result;
use serde::Serialize;
use tempfile::NamedTempFile;

/// Writes a new file beside `path`, flushes it and renames it, so that a reader finds either the
/// old or the new file complete.
pub(crate) fn write_json<T: Serialize>(path: &Path, content: &T) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut staged = NamedTempFile::new_in(folder)?;

    staged.write_all(&serde_json::to_vec_pretty(content)?)?;
    staged.as_file().sync_all()?;
    staged.persist(path)?;
    Ok(())
}
