//! The step that runs a client and a node in network namespaces of their own.

use std::process::Command;

use anyhow::Result;

use super::{cargo_checks::clippy_cargo, host_checks, step::Outcome};
use crate::shell;

/// What the tests need: a namespace with a pair of interfaces, which passes packets on.
const PROBE: &str = "ip link add near type veth peer name far && \
                     echo 1 > /proc/sys/net/ipv4/ip_forward";

/// Runs the tests that need network namespaces, which all other steps leave out. Where this machine
/// forbids them, the outcome says so.
pub fn test_namespaces() -> Result<Outcome> {
    let mut probe = Command::new("unshare");
    if let Err(error) = shell::capture(probe.args(["--net", "sh", "-c", PROBE])) {
        eprintln!("{error:#}");
        return Ok(Outcome::Skipped(
            "NOTICE: no network namespaces here, so no client and node were on machines of their \
             own; they need root, iproute2, util-linux and a kernel that allows them",
        ));
    }

    let arguments = ["test", "--locked", "--workspace", "--test", "distance", "--", "--ignored"];
    let mut cargo = clippy_cargo(&arguments)?;
    host_checks::configure_program(&mut cargo);
    shell::run(&mut cargo)?;
    Ok(Outcome::Passed)
}
