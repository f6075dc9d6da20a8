//! An endpoint that nobody uses, in a process of its own.

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use nosana_net::transport::{EndpointConfig, LocalSockets, NetEndpoint};
use serde::{Deserialize, Serialize};
use solana_address::Address;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{ChildStdout, Command},
    task::spawn_blocking,
    time::sleep,
};

use super::{node::serve_job, usage::Usage};
use crate::wait::with_timeout;

/// The command of `nosana bench` that runs [`hold_endpoint`].
pub const HOLD_ENDPOINT: &str = "hold-endpoint";
/// What the process prints before it opens the endpoint, and after that.
const STARTED: &str = "started";
const OPENED: &str = "opened";
/// What a process does once, at its start, is not idling.
const SETTLE_TIME: Duration = Duration::from_secs(1);

/// What an endpoint costs that nobody uses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdleCost {
    /// For how long nobody used it.
    pub seconds: f64,
    /// Seconds of a core that the process used meanwhile.
    pub cpu_seconds: f64,
    /// Bytes of the process in memory before it opened the endpoint.
    pub resident_before: u64,
    /// Bytes of the process in memory at the end.
    pub resident_after: u64,
}

impl IdleCost {
    /// The part of a core that it uses.
    pub fn core_share(&self) -> f64 {
        self.cpu_seconds / self.seconds
    }

    /// The memory that it needs, in MB.
    pub fn added_mb(&self) -> f64 {
        (self.resident_after as f64 - self.resident_before as f64) / 1e6
    }
}

/// Starts `nosana bench hold-endpoint`, and reads what its endpoint costs.
///
/// # Errors
/// If the process ends early or takes too long, or if there is no `/proc`.
pub async fn measure_idle(
    program: &Path,
    duration: Duration,
    patience: Duration,
) -> Result<IdleCost> {
    let mut command = Command::new(program);
    command.args(["bench", HOLD_ENDPOINT]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let id = process.id().context("the process has no id")?;
    let mut input = process.stdin.take().context("the process has no input")?;
    let output = process.stdout.take().context("the process has no output")?;
    let mut lines = BufReader::new(output).lines();

    read_line(&mut lines, STARTED, patience).await?;
    sleep(SETTLE_TIME).await;
    let before = Usage::read(id)?;

    input.write_all(b"\n").await.context("cannot write to the process")?;
    read_line(&mut lines, OPENED, patience).await?;
    sleep(SETTLE_TIME).await;
    let begun = Instant::now();
    let opened = Usage::read(id)?;

    sleep(duration).await;
    let after = Usage::read(id)?;
    let seconds = begun.elapsed().as_secs_f64();

    drop(input);
    let status = with_timeout(patience, "the end of the process", process.wait()).await?;
    ensure!(status.success(), "the process that held the endpoint failed: {status}");
    Ok(IdleCost {
        seconds,
        cpu_seconds: after.cpu_seconds - opened.cpu_seconds,
        resident_before: before.resident_bytes,
        resident_after: after.resident_bytes,
    })
}

async fn read_line(
    lines: &mut Lines<BufReader<ChildStdout>>,
    expected: &str,
    patience: Duration,
) -> Result<()> {
    let line = with_timeout(patience, "reading from the process", lines.next_line()).await?;
    ensure!(line.as_deref() == Some(expected), "the process did not print `{expected}`: {line:?}");
    Ok(())
}

/// Opens an endpoint with the sockets and the job protocol of a node when a line arrives on
/// standard input, and holds it until that ends.
///
/// # Errors
/// If the sockets cannot be bound.
pub async fn hold_endpoint() -> Result<()> {
    print_line(STARTED)?;
    wait_for_input().await?;

    let sockets = LocalSockets::AllInterfaces { port: 0 };
    let endpoint =
        NetEndpoint::bind(EndpointConfig { sockets, ..EndpointConfig::loopback() }).await?;
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let _listener = serve_job(&endpoint, nowhere, Address::new_from_array([0; 32]));
    print_line(OPENED)?;

    wait_for_input().await?;
    endpoint.close().await;
    Ok(())
}

fn print_line(line: &str) -> Result<()> {
    let mut output = std::io::stdout();
    writeln!(output, "{line}").and_then(|()| output.flush()).context("cannot print")
}

/// Waits for a line, or for the end of standard input.
async fn wait_for_input() -> Result<()> {
    let read = spawn_blocking(|| std::io::stdin().read_line(&mut String::new()));
    read.await?.context("cannot read standard input")?;
    Ok(())
}
