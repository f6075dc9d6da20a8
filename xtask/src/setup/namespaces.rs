//! iproute2, with which tests give a client and a node machines of their own: network namespaces.
//!
//! Everything else works without it. So a machine on which it cannot be installed gets a notice.

use super::apt::{self, Package};

/// Only root can create the namespaces, but setup and tests may run as different users.
const PACKAGES: &[Package] = &[Package {
    debian: "iproute2",
    command: Some("ip"),
    why: "joins the network namespaces of tests",
}];
/// What to do on a machine on which it cannot be installed.
const MISSING_NOTICE: &str = "NOTICE: iproute2 cannot be installed here, so no test runs a client \
                              and a node in network namespaces of their own; to install it, \
                              run as root: apt-get install iproute2 (on Debian and Ubuntu)";

/// Installs iproute2, unless it is there or nothing may be installed. Other systems than Linux have
/// no network namespaces.
pub fn install_iproute() {
    if cfg!(not(target_os = "linux")) || PACKAGES.iter().all(apt::is_present) {
        return;
    }
    if !apt::can_install() {
        eprintln!("{MISSING_NOTICE}");
        return;
    }

    if let Err(error) = apt::ensure_packages(PACKAGES) {
        eprintln!("{error:#}\n{MISSING_NOTICE}");
    }
}
