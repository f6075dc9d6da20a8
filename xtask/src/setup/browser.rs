//! Chromium, in which the tests open the page of `nosana explorer`.
//!
//! Everything else works without it. So a machine on which it cannot be installed gets a notice.

use std::{env, path::PathBuf};

use super::apt::{self, Package};

/// The variable that names the browser, as the tests of the page read it; `none` for none.
const VARIABLE: &str = "CHROMIUM";
/// The browser of Debian.
const PATH: &str = "/usr/bin/chromium";
/// Debian's package. Ubuntu's installs a snap.
const PACKAGES: &[Package] = &[Package {
    debian: "chromium",
    command: None,
    why: "opens the page of `nosana explorer` in its tests (fetches about 100 MB)",
}];

/// Installs Chromium, unless there is one, nothing may be installed, Ubuntu has only a snap, or the
/// user names another browser or none.
pub fn install_chromium() {
    if is_installed() || env::var_os(VARIABLE).is_some() {
        return;
    }
    if apt::is_ubuntu() || !apt::can_install() {
        eprintln!("{}", missing_notice());
        return;
    }

    if let Err(error) = apt::ensure_packages(PACKAGES) {
        eprintln!("{error:#}\n{}", missing_notice());
    }
}

/// Returns true if the browser of the tests exists.
pub fn is_installed() -> bool {
    let path = env::var_os(VARIABLE).map_or_else(|| PathBuf::from(PATH), PathBuf::from);

    // `none` is not the name of a file here.
    path.is_absolute() && path.exists()
}

/// Returns what to do on a machine on which it cannot be installed.
fn missing_notice() -> String {
    let remedy = if apt::is_ubuntu() {
        format!(
            "install a browser that is not a snap, such as Google Chrome, and set {VARIABLE} to \
             its path"
        )
    } else {
        format!("install Chromium, and set {VARIABLE} to its path if that is not {PATH}")
    };
    format!(
        "NOTICE: setup cannot install Chromium here, so the tests do not open the explorer's page \
         in a browser; to open it, {remedy}"
    )
}
