//! What other programs print.

use std::process::{Command, Stdio};

/// Returns what a command prints; `None` if it does not start or fails.
pub fn capture_output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
