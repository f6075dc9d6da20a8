//! Variants of a model's file: each is a way to save work.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// A variant of a model's file.
pub struct Variant {
    pub name: String,
    pub path: PathBuf,
}

/// Lists the GGUF files of a folder, in the order of their names.
pub fn list_variants(folder: &Path) -> Result<Vec<Variant>> {
    let read = || format!("cannot read the folder {}", folder.display());

    let mut variants = Vec::new();
    for entry in fs::read_dir(folder).with_context(read)? {
        let path = entry.with_context(read)?.path();
        if path.extension().is_some_and(|extension| extension == "gguf") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            variants.push(Variant { name, path });
        }
    }
    variants.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(variants)
}
