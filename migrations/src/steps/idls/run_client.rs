//! Runs the client by npx, in a process of its own.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use super::{
    Idl,
    command_line::{Action, MetadataClient, PACKAGE},
};

/// Lines of the client's output that an error shows.
const SHOWN_LINES: usize = 10;

impl MetadataClient<'_> {
    /// Runs the client, and returns what it printed.
    pub(super) async fn run_action(&self, idl: &Idl, action: Action) -> Result<String> {
        let mut npx = Command::new("npx");
        npx.args(self.list_arguments(idl, action)).stdin(Stdio::null());
        // Its notice would follow the client's error.
        npx.env("npm_config_update_notifier", "false");
        let output = npx.output().await.context("cannot run npx")?;

        let printed = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            return Ok(printed.into_owned());
        }

        let errors = String::from_utf8_lossy(&output.stderr);
        let shown = if errors.trim().is_empty() { printed } else { errors };
        bail!(
            "cannot {} the IDL of {} ({}): npx {PACKAGE} ended with {}:\n{}\n\
             fix the cause and apply the plan again; a write that was broken off begins again",
            action.name(),
            idl.name,
            idl.program,
            output.status,
            shorten_output(&shown, self.rpc_url)
        )
    }
}

/// Returns whether npx runs: it is a script for Node.js, and both must be installed.
pub(super) async fn is_npx_installed() -> bool {
    let version = Command::new("npx").arg("--version").stdin(Stdio::null()).output().await;
    version.is_ok_and(|output| output.status.success())
}

/// Returns the last lines without the address of the RPC server, which may contain an API key.
fn shorten_output(output: &str, rpc_url: &str) -> String {
    let address = rpc_url.split_once("://").map_or(rpc_url, |(_, rest)| rest);
    let hidden = output.replace(address.trim_end_matches('/'), "RPC_SERVER");

    let lines: Vec<&str> = hidden.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_the_last_lines_without_the_api_key() {
        let address = "rpc.example.com/?api-key=secret";
        let many: String = (1..=20).map(|line| format!("line {line}\n\n")).collect();
        let output = format!("{many}fetch of https://{address} failed\nso did wss://{address}\n");

        let shown = shorten_output(&output, &format!("https://{address}"));
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!((lines.len(), lines[0]), (SHOWN_LINES, "line 13"));
        assert!(shown.ends_with("so did wss://RPC_SERVER"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");

        assert_eq!(shorten_output("only one", "http://127.0.0.1:8899"), "only one");
    }
}
