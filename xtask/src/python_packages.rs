//! Packages of Python that a command of this repository uses, each pinned by its hash.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{layout, shell, wheels};

/// Installs the pinned packages into a folder of this name, unless they are there, and returns the
/// folder. This needs no virtual environment, for which distributions require another package.
pub fn install_packages(name: &str, requirements: &Path) -> Result<PathBuf> {
    let folder = layout::target_folder().join(name);
    let python = wheels::find_python()?;
    let version = shell::capture(Command::new(&python).arg("--version"))?;
    let pinned = fs::read_to_string(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let wanted = version + &pinned;

    // Written last, so that an interrupted installation is repeated.
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }

    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--no-deps", "--require-hashes", "--only-binary=:all:"]);
    pip.arg("--requirement").arg(requirements).arg("--target").arg(&folder);
    shell::run_logged(&mut pip, &folder.join("pip.log"))
        .context("cannot install from the Python package index")?;

    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(folder)
}
