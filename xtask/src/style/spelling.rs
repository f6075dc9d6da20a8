//! Spelling: `typos` from the Python package index, with the repository's `_typos.toml`.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{cache, layout, progress::Steps, shell, wheels};

/// The checker, as a static binary.
const TYPOS: wheels::Wheel = wheels::Wheel {
    package: "typos",
    version: "1.52.0",
    x86_64: "418fd85f7fc11dec14e5482e747f6e916af56da96207cde0cdd69540a4b389f6",
    aarch64: "5e870133c7e9cace94183e4d638697004a1473e79abcd01b8f75e362049a9b5c",
};

/// Fails if a tracked file holds a misspelled word.
pub fn check_spelling() -> Result<()> {
    let mut typos = Command::new(ensure_typos()?);
    typos.args(["--config", "_typos.toml", "--format", "brief"]).current_dir(layout::root_folder());
    shell::run(&mut typos)
        .context("misspelled words; `_typos.toml` lists the words that are right here")
}

/// Finds the checker on `PATH` or in the cache, or fetches it.
fn ensure_typos() -> Result<PathBuf> {
    let installed = shell::capture(Command::new("typos").arg("--version"));
    if installed.is_ok_and(|version| version.trim().ends_with(TYPOS.version)) {
        return Ok("typos".into());
    }

    let folder = cache::make_folder(&format!("typos-{}", TYPOS.version), |draft| {
        Steps::new("fetching the spelling checker", 1).run_step("typos", || {
            wheels::unpack_wheels(&[TYPOS], &draft.partial, &draft.log)?;
            let binary = draft.partial.join(binary_path());
            fs::set_permissions(&binary, fs::Permissions::from_mode(0o755))
                .with_context(|| format!("the package has no {}", binary.display()))
        })
    })?;
    Ok(folder.join(binary_path()))
}

/// The binary's place in the unpacked wheel.
fn binary_path() -> String {
    format!("typos-{}.data/scripts/typos", TYPOS.version)
}
