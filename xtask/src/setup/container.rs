//! A container engine, so that the tests of containers run instead of only their refusal.
//!
//! Everything else works without one. So a machine on which nothing can be installed gets a notice.
//! `NOSANA_TEST_CONTAINERS=required` makes an engine that does not work an error.

use std::{env, process::Command};

use anyhow::{Context, Result};

use super::apt::{self, Package};
use crate::shell;

/// The variable that names the engine, as nodes read it.
const ENGINE_VARIABLE: &str = "NOSANA_CONTAINER_ENGINE";
/// The variable with which the tests of containers fail if no engine works.
const REQUIRED_VARIABLE: &str = "NOSANA_TEST_CONTAINERS";
/// How to do without an engine.
pub const OPT_OUT: &str = "to test without containers, set NOSANA_CONTAINER_ENGINE=none";

/// podman, and what it needs without root. Debian's podman comes with crun, which refuses hosts
/// with both versions of control groups; runc works there.
const PACKAGES: &[Package] = &[
    Package { debian: "podman", command: Some("podman"), why: "runs the containers of jobs" },
    Package { debian: "runc", command: Some("runc"), why: "starts containers where crun cannot" },
    Package {
        debian: "uidmap",
        command: Some("newuidmap"),
        why: "maps the users of containers if podman does not run as root",
    },
];

/// Installs podman and runc, unless docker works, nothing may be installed, or containers are
/// disabled.
pub fn install_engine() -> Result<()> {
    let is_complete = PACKAGES.iter().all(apt::is_present);
    if is_complete || is_disabled() || shell::is_successful(Command::new("docker").arg("info")) {
        return Ok(());
    }
    if !apt::can_install() {
        eprintln!("{}", missing_notice());
        return Ok(());
    }

    if let Err(error) = apt::ensure_packages(PACKAGES).context(OPT_OUT) {
        if requires_engine() {
            return Err(error);
        }
        eprintln!("{error:#}\n{}", missing_notice());
    }
    Ok(())
}

/// Returns true if the caller demands a container engine that works.
pub fn requires_engine() -> bool {
    !is_disabled() && env::var(REQUIRED_VARIABLE).is_ok_and(|value| value == "required")
}

/// Makes the tests of containers that a command runs fail if no engine works.
pub fn set_required(command: &mut Command) -> &mut Command {
    command.env(REQUIRED_VARIABLE, "required")
}

/// Returns true if the user wants no containers.
pub fn is_disabled() -> bool {
    env::var(ENGINE_VARIABLE).is_ok_and(|engine| engine == "none")
}

/// Returns what to do on a machine on which nothing may be installed.
fn missing_notice() -> String {
    let names: Vec<&str> = PACKAGES.iter().map(|package| package.debian).collect();
    format!(
        "NOTICE: no container engine can be installed here, so containers are tested only if one \
         works already; to install one, run as root: apt-get install {}",
        names.join(" ")
    )
}
