//! `sbpf-linker`: bitcode in, sBPF program out. Built once, with LLVM inside; LLVM itself is then
//! thrown away.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::pins;
use crate::{
    cache::{self, Draft},
    shell, wheels,
};

/// The linker in its folder.
pub fn binary_path(folder: &Path) -> PathBuf {
    folder.join("bin/sbpf-linker")
}

/// Where LLVM lies while the linker is built, inside the unpacked packages.
const LLVM: &str = "mlc_llvm_static/static";

/// Fetches LLVM's static libraries.
pub fn fetch_llvm(draft: &Draft) -> Result<()> {
    cache::make_part(&draft.now.join("llvm"), |partial| {
        wheels::unpack_wheels(pins::LLVM, partial, &draft.log)?;
        // Archives of this kind carry no permissions.
        for entry in fs::read_dir(partial.join(LLVM).join("bin"))
            .context("the LLVM packages have no bin folder")?
        {
            fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o755))?;
        }
        Ok(())
    })
}

/// Builds the linker against that LLVM, with the dependencies that its authors released it with.
/// Cargo keeps what an interrupted attempt has compiled.
pub fn build_linker(draft: &Draft) -> Result<()> {
    let prefix = draft.now.join("llvm").join(LLVM);
    let mut cargo = shell::cargo();
    cargo
        .args([
            "install",
            "sbpf-linker",
            "--locked",
            "--version",
            pins::LINKER,
            "--no-default-features",
        ])
        .args(["--features", "bpf-linker/llvm-23,bpf-linker/llvm-link-static", "--root"])
        .arg(&draft.now)
        .env("CARGO_TARGET_DIR", draft.now.join("build"))
        .env("LLVM_PREFIX", &prefix)
        .env("LLVM_SYS_231_PREFIX", &prefix)
        .current_dir(&draft.now);
    // The linker's sources ask rustup for a compiler of their own; the one that built this command
    // serves.
    if let Some(rustc) =
        shell::cargo_bin().map(|bin| bin.join("rustc")).filter(|rustc| rustc.is_file())
    {
        cargo.env("RUSTC", rustc);
    }
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WORKSPACE_WRAPPER"] {
        cargo.env_remove(variable);
    }
    shell::run_logged(&mut cargo, &draft.log).context("the linker did not build")
}

/// Removes what only the build needed: most of a gigabyte.
pub fn remove_leftovers(folder: &Path) {
    for leftover in ["llvm", "build"] {
        fs::remove_dir_all(folder.join(leftover)).ok();
    }
}
