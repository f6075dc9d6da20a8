//! The steps that run on Node.js: the TypeScript clients, and the stores against js-ipfs.

use anyhow::Result;

use super::{cargo_checks::clippy_cargo, step::Outcome};
use crate::{
    layout,
    npm::{install_packages, run_script, with_node},
    setup, shell,
};

/// The TypeScript client.
const CLIENT: &str = "clients/ts";

/// Runs the tests of a client that is built only from the IDL; skips them if their folder does not
/// exist.
pub fn test_typescript() -> Result<Outcome> {
    let folder = layout::root_folder().join("tests/typescript");
    if !folder.is_dir() {
        return Ok(Outcome::Skipped("tests/typescript does not exist"));
    }

    install_packages(&folder)?;
    run_script(&folder, "test")?;
    Ok(Outcome::Passed)
}

/// Generates the TypeScript client again, compares, and tests it.
pub fn test_typescript_client() -> Result<()> {
    let folder = layout::root_folder().join(CLIENT);

    install_packages(&folder)?;
    run_script(&folder, "test")
}

/// Checks, tests and builds the page of `nosana explorer`, and opens it in Chromium. Where that is
/// not installed, the outcome says so.
pub fn test_explorer() -> Result<Outcome> {
    let folder = layout::root_folder().join("apps/explorer");

    install_packages(&folder)?;
    run_script(&folder, "check")?;
    run_script(&folder, "test")?;
    run_script(&folder, "build")?;

    if !setup::browser::is_installed() {
        return Ok(Outcome::Skipped(
            "NOTICE: no Chromium here, so the page was tested, but not opened in a browser; \
             as root on Debian: apt-get install chromium; or set CHROMIUM to the path of one",
        ));
    }
    run_script(&folder, "test:browser")?;
    Ok(Outcome::Passed)
}

/// Tests the stores against js-ipfs. The tests need npm packages, so all other steps leave them
/// out.
pub fn test_ipfs() -> Result<()> {
    let client = layout::root_folder().join(CLIENT);
    install_packages(&layout::root_folder().join("tests/ipfs"))?;
    install_packages(&client)?;

    let arguments = ["test", "--locked", "--workspace", "--test", "ipfs_node", "--", "--ignored"];
    let mut cargo = clippy_cargo(&arguments)?;
    shell::run(with_node(&mut cargo)?)?;
    run_script(&client, "test:ipfs")
}
