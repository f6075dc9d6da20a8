//! `cargo xtask deny`: checks licenses, bans and sources of all dependencies against `deny.toml`.

use anyhow::{Result, bail};

use crate::{layout, shell};

/// Runs cargo-deny on both workspaces. Leaves out the advisories, which need a network.
pub fn run_deny() -> Result<()> {
    if !shell::is_successful(shell::cargo().args(["deny", "--version"])) {
        bail!("cargo-deny is not installed; run `cargo install --locked cargo-deny`");
    }

    for folder in [layout::root_folder(), layout::programs_folder()] {
        let mut deny = shell::cargo();
        deny.args(["deny", "--all-features", "check", "--config"])
            .arg(layout::root_folder().join("deny.toml"))
            .args(["bans", "licenses", "sources"]);
        shell::run(deny.current_dir(folder))?;
    }
    Ok(())
}
