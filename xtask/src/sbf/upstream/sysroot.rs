//! A sysroot with a std for Solana: a link to the libraries of Debian's compiler, and a patched
//! copy of std's source.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{compiler, patch};
use crate::cache;

/// Returns the path of a toolchain's compiler: a launcher that runs Debian's with this sysroot.
pub fn rustc_path(folder: &Path) -> PathBuf {
    folder.join("bin/rustc")
}

/// Copies std's source and applies the edits.
pub fn build_sysroot(folder: &Path) -> Result<()> {
    cache::make_part(&folder.join("sysroot"), |partial| {
        let rustlib = partial.join("lib/rustlib");
        let library = rustlib.join("src/rust/library");
        copy_folder(Path::new(compiler::LIBRARY), &library)?;
        patch::apply_edits(&library)?;

        let host = compiler::host_triple()?;
        Ok(symlink(Path::new("/usr/lib/rustlib").join(&host), rustlib.join(&host))?)
    })
}

/// Writes the compiler's launcher into `folder`. The launcher contains the path that the toolchain
/// gets when it is complete, `target`.
pub fn write_launcher(folder: &Path, target: &Path) -> Result<()> {
    let launcher = rustc_path(folder);
    let sysroot = target.join("sysroot");

    fs::create_dir_all(folder.join("bin"))?;
    fs::write(
        &launcher,
        format!("#!/bin/sh\nexec {} --sysroot '{}' \"$@\"\n", compiler::RUSTC, sysroot.display()),
    )?;
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Copies a folder with its content; follows links.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;

    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let source = entry?.path();
        let Some(name) = source.file_name() else { continue };
        if source.is_dir() {
            copy_folder(&source, &to.join(name))?;
        } else if source.is_file() {
            fs::copy(&source, to.join(name))
                .with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(())
}
