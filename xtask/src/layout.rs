//! Paths of the repository's folders and of the user's cache.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Returns the repository's top folder.
pub fn root_folder() -> PathBuf {
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());

    let manifest = PathBuf::from(manifest);
    manifest.parent().map_or_else(|| manifest.clone(), Path::to_path_buf)
}

/// Returns the folder of the on-chain workspace, which has its own lock file.
pub fn programs_folder() -> PathBuf {
    root_folder().join("programs")
}

/// Returns the folder of both workspaces' build output.
pub fn target_folder() -> PathBuf {
    root_folder().join("target")
}

/// Returns the folder of the built programs, which Anchor, LiteSVM and `solana-program-test` read.
pub fn deploy_folder() -> PathBuf {
    target_folder().join("deploy")
}

/// Returns the folder of the committed IDLs.
pub fn idl_folder() -> PathBuf {
    root_folder().join("idl")
}

/// Returns this project's folder in the user's cache. It holds the toolchains, shared by every
/// checkout.
pub fn cache_folder() -> Result<PathBuf> {
    let absolute_path =
        |name| env::var_os(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute());

    let base = absolute_path("XDG_CACHE_HOME")
        .or_else(|| absolute_path("HOME").map(|home| home.join(".cache")))
        .context("there is no cache folder; set HOME or XDG_CACHE_HOME to an absolute path")?;
    Ok(base.join("nosana"))
}
