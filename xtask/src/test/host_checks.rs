//! The step that tests the host workspace.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{step::Outcome, suites};
use crate::{layout, shell};

/// Free disk that the tests need, in GiB. A command may write 4 GiB by default, and a node takes no
/// job that does not fit.
const TEST_DISK_GIB: u64 = 8;

/// Runs all tests of the host workspace.
pub fn test_host() -> Result<Outcome> {
    check_disk()?;

    let passed_alone = suites::run_suites(configure_program)?;
    Ok(if passed_alone.is_empty() { Outcome::Passed } else { Outcome::PassedAlone(passed_alone) })
}

/// Sets the variables of test programs of the host workspace, or of the cargo that runs them.
pub fn configure_program(program: &mut Command) {
    shell::set_headless(program)
        .env("SBF_OUT_DIR", layout::deploy_folder())
        // Many models run beside each other and beside networks, on few cores.
        .env("NOSANA_CPU_THREADS", "1")
        .env("RUST_LOG", "error");
}

/// Checks that nodes take jobs of the default size, in the folder where the tests put them.
fn check_disk() -> Result<()> {
    let folder = std::env::temp_dir();
    let disk = rustix::fs::statvfs(&folder).context("cannot read the free disk")?;
    let free_gib = disk.f_bavail.saturating_mul(disk.f_frsize) >> 30;

    if free_gib < TEST_DISK_GIB {
        bail!(
            "{} has {free_gib} GiB of free disk, and the jobs of the tests need {TEST_DISK_GIB}; \
             remove files, or set TMPDIR to a folder on another disk",
            folder.display()
        );
    }
    Ok(())
}
