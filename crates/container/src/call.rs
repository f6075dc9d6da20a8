//! Calls of the engine's subcommands.

use std::{
    fs::File,
    io::{Read, Seek, Write},
    process::{Child, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use nosana_sandbox::CancelToken;

use crate::{ContainerError, Engine, error::io};

/// How long a subcommand that is not a download may take.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// How often the end of a subcommand is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// The most output of a subcommand that is read, in bytes.
const MAX_OUTPUT_BYTES: u64 = 1 << 20;
/// The most of an engine's message that an error quotes, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

impl Engine {
    /// Runs a subcommand to its end and returns what it printed.
    pub(crate) fn call(&self, arguments: &[&str]) -> Result<String, ContainerError> {
        self.call_with(arguments, &[], CALL_TIMEOUT, &CancelToken::default())
    }

    /// Runs a subcommand with this input and this time limit, until the work is stopped or
    /// cancelled.
    pub(crate) fn call_with(
        &self,
        arguments: &[&str],
        input: &[u8],
        timeout: Duration,
        cancel: &CancelToken,
    ) -> Result<String, ContainerError> {
        let failed = |problem: String| ContainerError::Engine {
            action: arguments.first().copied().unwrap_or_default().to_owned(),
            problem,
        };

        // Unlike pipes, files cannot fill up and block the engine.
        let create_file = || tempfile::tempfile().map_err(io("create a temporary file"));
        let mut stdin = create_file()?;
        let mut stdout = create_file()?;
        let mut stderr = create_file()?;
        stdin
            .write_all(input)
            .and_then(|()| stdin.rewind())
            .map_err(io("write a temporary file"))?;

        let share = |file: &File| file.try_clone().map_err(io("share a temporary file"));
        let mut command = self.base_command();
        command.args(arguments).stdin(stdin).stdout(share(&stdout)?).stderr(share(&stderr)?);
        let mut child = command
            .spawn()
            .map_err(|error| failed(format!("{}: {error}", self.program.display())))?;

        let status = wait_for_end(&mut child, timeout, cancel, failed)?;
        let printed = read_text(&mut stdout)?;
        if status.success() {
            return Ok(printed);
        }

        let message = read_text(&mut stderr)?;
        let message = quote_message(&message);
        Err(failed(if message.is_empty() { format!("{status}") } else { message }))
    }
}

/// Waits for the end of a subcommand, and kills it if it takes too long or the work must end.
pub(crate) fn wait_for_end(
    child: &mut Child,
    timeout: Duration,
    cancel: &CancelToken,
    failed: impl Fn(String) -> ContainerError,
) -> Result<ExitStatus, ContainerError> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(io("wait for the container engine"))? {
            return Ok(status);
        }

        let is_late = begun.elapsed() > timeout;
        if is_late || cancel.is_ending() {
            let _ = child.kill();
            let _ = child.wait();
            let late = || failed(format!("it did not end within {} s", timeout.as_secs()));
            return Err(if is_late { late() } else { ContainerError::Cancelled });
        }
        thread::sleep(POLL_INTERVAL);
    }
}

/// Returns what an error quotes of the engine's message: what follows its log lines, such as
/// warnings about each try of a download.
fn quote_message(message: &str) -> String {
    let is_log_line = |line: &&str| line.starts_with("time=\"");
    let lines: Vec<&str> = message.trim().lines().collect();
    let last: Vec<&str> = lines.iter().copied().filter(|line| !is_log_line(line)).collect();

    let quoted = if last.is_empty() { lines } else { last };
    quoted.join("\n").chars().take(MAX_MESSAGE_CHARS).collect()
}

fn read_text(file: &mut File) -> Result<String, ContainerError> {
    let mut text = Vec::new();
    let mut read_from_start = || {
        file.rewind()?;
        file.take(MAX_OUTPUT_BYTES).read_to_end(&mut text)
    };

    read_from_start().map_err(io("read a temporary file"))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::quote_message;

    #[test]
    fn the_cause_is_quoted_and_not_the_warnings_before_it() {
        let warning = "time=\"2026\" level=warning msg=\"Failed, retrying in 1s\"\n";
        let message = warning.repeat(100) + "Error: connection refused\n";
        assert_eq!(quote_message(&message), "Error: connection refused");
        assert_eq!(quote_message(warning), warning.trim(), "if there is nothing else");
        assert_eq!(quote_message(" \n"), "");
    }
}
