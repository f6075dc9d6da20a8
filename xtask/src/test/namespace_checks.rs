//! The step that runs a client and a node in network namespaces of their own.

use std::process::Command;

use anyhow::Result;

use super::{cargo_checks::clippy_cargo, host_checks, relay_checks, step::Outcome};
use crate::shell;

/// What the tests need: a namespace with a pair of interfaces, which passes packets on.
const PROBE: &str = "ip link add near type veth peer name far && \
                     echo 1 > /proc/sys/net/ipv4/ip_forward";
/// The module of the tests that need the relay's program.
const RELAY_TESTS: &str = "relayed::";

/// Runs the tests that need network namespaces, which all other steps leave out. Where this machine
/// forbids them, or a relay cannot be installed, the outcome says so.
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
    let has_relay = relay_checks::provide_relay(&mut cargo);
    if !has_relay {
        cargo.args(["--skip", RELAY_TESTS]);
    }
    shell::run(&mut cargo)?;

    Ok(if has_relay {
        Outcome::Passed
    } else {
        Outcome::Skipped(
            "NOTICE: no iroh-relay here, and it cannot be installed, so a client and a node were \
             on machines of their own, but nothing went over a relay alone; tests/README.md says \
             how to install it",
        )
    })
}
