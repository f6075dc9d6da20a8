//! The files that git tracks.

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Variables that name another repository than the one of a folder; git sets them for its hooks.
const GIT_VARIABLES: [&str; 5] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"];

/// Returns whether the folder is in a repository, of which it may be a part.
pub fn is_in_repository(folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder.ancestors().any(|folder| folder.join(".git").exists())
}

/// Returns the files in the folder that git tracks, relative to the folder.
///
/// # Errors
/// The reason, if git is not installed or does not list them.
pub fn list_tracked(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut git = Command::new("git");
    // A repository may name a program that git would start.
    git.arg("-C").arg(folder).args(["-c", "core.fsmonitor=false", "ls-files", "-z", "--cached"]);
    GIT_VARIABLES.iter().for_each(|name| {
        git.env_remove(name);
    });

    let output = git.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(message);
    }
    let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| PathBuf::from(OsStr::from_bytes(name))).collect())
}
