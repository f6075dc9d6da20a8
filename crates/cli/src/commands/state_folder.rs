//! The folder for what survives a process.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// The folder for programs' state, by the XDG convention; `NOSANA_STATE` names another.
pub fn default_state_folder() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("NOSANA_STATE").filter(|path| !path.is_empty()) {
        return Ok(PathBuf::from(named));
    }

    let xdg =
        std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || {
        std::env::home_dir().filter(|path| path.is_absolute()).map(|path| path.join(".local/state"))
    };
    let folder = xdg.or_else(home).context("cannot find the home folder; name one with --state")?;
    Ok(folder.join("nosana"))
}
