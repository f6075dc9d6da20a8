//! A sysroot with a std for Solana: Debian's own compiler libraries by a link, std's source as a
//! patched copy.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{compiler, patch};
use crate::cache;

/// The compiler that a toolchain uses: Debian's, told where its sysroot is.
pub fn rustc_path(folder: &Path) -> PathBuf {
    folder.join("bin/rustc")
}

/// Copies and patches std.
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

/// Writes the compiler's launcher. It names the toolchain's final place, which is not where it is
/// being built.
pub fn write_launcher(folder: &Path, finally: &Path) -> Result<()> {
    let launcher = rustc_path(folder);
    let sysroot = finally.join("sysroot");
    fs::create_dir_all(folder.join("bin"))?;
    fs::write(
        &launcher,
        format!("#!/bin/sh\nexec {} --sysroot '{}' \"$@\"\n", compiler::RUSTC, sysroot.display()),
    )?;
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Copies a folder with all it holds; links become what they point to.
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
