//! `sbpf-linker`, which compiles bitcode to an sBPF program. It is built once and includes LLVM, so
//! the LLVM packages are removed afterward.

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

/// Returns the path of the linker inside its folder.
pub fn binary_path(folder: &Path) -> PathBuf {
    folder.join("bin/sbpf-linker")
}

/// Path of LLVM inside the unpacked packages, while the linker is built.
const LLVM: &str = "mlc_llvm_static/static";

/// Fetches LLVM's static libraries and tools.
pub fn fetch_llvm(draft: &Draft) -> Result<()> {
    cache::make_part(&draft.partial.join("llvm"), |partial| {
        wheels::unpack_wheels(pins::LLVM, partial, &draft.log)?;

        // Wheels store no permissions.
        for entry in fs::read_dir(partial.join(LLVM).join("bin"))
            .context("the LLVM packages have no bin folder")?
        {
            fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o755))?;
        }
        Ok(())
    })
}

/// Builds the linker against that LLVM, with the dependency versions of its release. Cargo reuses
/// what an interrupted attempt has compiled.
pub fn build_linker(draft: &Draft) -> Result<()> {
    let prefix = draft.partial.join("llvm").join(LLVM);

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
        .arg(&draft.partial)
        .env("CARGO_TARGET_DIR", draft.partial.join("build"))
        .env("LLVM_PREFIX", &prefix)
        .env("LLVM_SYS_231_PREFIX", &prefix)
        .current_dir(&draft.partial);

    // The linker's sources select a compiler through rustup; use the one that built this command.
    if let Some(rustc) =
        shell::cargo_bin().map(|bin| bin.join("rustc")).filter(|rustc| rustc.is_file())
    {
        cargo.env("RUSTC", rustc);
    }

    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WORKSPACE_WRAPPER"] {
        cargo.env_remove(variable);
    }

    shell::run_logged(&mut cargo, &draft.log).context("cannot build the linker")
}

/// Removes the files that only the build needed, most of a gigabyte.
pub fn remove_leftovers(folder: &Path) {
    for leftover in ["llvm", "build"] {
        fs::remove_dir_all(folder.join(leftover)).ok();
    }
}
