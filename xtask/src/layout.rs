//! Where things are in the repository, and where this user's caches are.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The repository's top folder.
pub fn root_folder() -> PathBuf {
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let manifest = PathBuf::from(manifest);
    manifest.parent().map_or_else(|| manifest.clone(), Path::to_path_buf)
}

/// The on-chain workspace, with a lock file of its own.
pub fn programs_folder() -> PathBuf {
    root_folder().join("programs")
}

/// Build output of both workspaces.
pub fn target_folder() -> PathBuf {
    root_folder().join("target")
}

/// Where finished programs go. Anchor, LiteSVM and `solana-program-test` all look here.
pub fn deploy_folder() -> PathBuf {
    target_folder().join("deploy")
}

/// The committed IDLs.
pub fn idl_folder() -> PathBuf {
    root_folder().join("idl")
}

/// This project's folder in the user's cache: toolchains live there, shared by every checkout.
pub fn cache_folder() -> Result<PathBuf> {
    let absolute =
        |name| env::var_os(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute());
    let base =
        absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    Ok(base
        .context("no cache folder: set HOME or XDG_CACHE_HOME to an absolute path")?
        .join("nosana"))
}
