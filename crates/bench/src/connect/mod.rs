//! What connections between clients and nodes cost, on this machine: bytes a second through a port
//! of a job, the time that it adds to a request, and an endpoint that nobody uses.
//!
//! | module | purpose |
//! | --- | --- |
//! | `service` | a service of a job, which answers over TCP |
//! | `node` | a node with one job, and a bare stream beside it |
//! | `line` | a client and such a node, connected |
//! | `transfers` | bytes a second |
//! | `requests` | the time of small requests |
//! | `idle` | an endpoint that nobody uses, in a process of its own |
//! | `usage` | what a process has used |
//! | `goals` | what is meant to be reached |
//! | `report` | the figures as JSON, as text and as a page |

mod goals;
mod idle;
mod line;
mod node;
mod report;
mod requests;
mod service;
#[cfg(test)]
mod tests;
mod transfers;
mod usage;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Result;
use serde::{Deserialize, Serialize};

pub use self::{
    goals::Goal,
    idle::{HOLD_ENDPOINT, IdleCost, hold_endpoint},
    report::ConnectReport,
    requests::RequestTimes,
    transfers::TransferRates,
};
use self::{line::Line, requests::measure_requests, transfers::measure_transfers};
use crate::{
    progress::{Part, Progress},
    wait::with_timeout,
};

/// Options of the measurement.
#[derive(Clone, Debug)]
pub struct ConnectConfig {
    /// How much is measured.
    pub size: ConnectSize,
    /// The program `nosana`, which holds the endpoint that nobody uses. Without it, that is not
    /// measured.
    pub program: Option<PathBuf>,
    /// Folder for the page and its data.
    pub out: PathBuf,
    /// Time limit for each part.
    pub patience: Duration,
    /// Prints nothing to stderr.
    pub quiet: bool,
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectSize {
    /// How often the bytes are moved in each way; the ways take turns.
    pub rounds: usize,
    /// The bytes of one transfer.
    pub round_bytes: u64,
    /// The requests of each kind.
    pub requests: usize,
    /// The seconds for which an endpoint is not used.
    pub idle_seconds: u64,
}

impl ConnectSize {
    /// 963 MB in all.
    pub const FULL: Self =
        Self { rounds: 5, round_bytes: 64_000_000, requests: 200, idle_seconds: 20 };
    /// 63 MB in all.
    pub const QUICK: Self =
        Self { rounds: 5, round_bytes: 4_000_000, requests: 200, idle_seconds: 5 };
}

/// Measures everything in turn, and writes `connect.json` and `connect.html`.
///
/// # Errors
/// If a part fails or takes too long, or a file cannot be written; not if a goal is not met.
pub async fn run(config: &ConnectConfig) -> Result<ConnectReport> {
    let progress = Progress::new(config.quiet);

    let part = progress.begin_part("connect");
    let line = Line::open().await?;
    let measured = measure_line(&line, config, &part).await;
    line.close().await;
    let (transfers, requests) = measured?;
    part.finish(format!(
        "{} transfers and {} requests in each way",
        config.size.rounds, config.size.requests
    ));

    let idle = match &config.program {
        Some(program) if cfg!(target_os = "linux") => {
            Some(measure_idle(program, config, &progress).await?)
        }
        Some(_) => {
            progress.begin_part("idle").finish("not measured: it is read from /proc, as on Linux");
            None
        }
        None => None,
    };

    let mut report = ConnectReport::new(config.size, transfers, requests, idle);
    report.write_to(&config.out)?;
    Ok(report)
}

async fn measure_line(
    line: &Line,
    config: &ConnectConfig,
    part: &Part,
) -> Result<(TransferRates, RequestTimes)> {
    let ConnectConfig { size, patience, .. } = config;

    part.set_step("moving bytes");
    let transfers = with_timeout(*patience, "moving bytes", measure_transfers(line, size)).await?;
    part.set_step("sending requests");
    let requests =
        with_timeout(*patience, "sending requests", measure_requests(line, size.requests)).await?;
    Ok((transfers, requests))
}

async fn measure_idle(
    program: &Path,
    config: &ConnectConfig,
    progress: &Progress,
) -> Result<IdleCost> {
    let part = progress.begin_part("idle");
    part.set_step(format!("an endpoint that nobody uses, {} s", config.size.idle_seconds));

    let seconds = Duration::from_secs(config.size.idle_seconds);
    let idle = idle::measure_idle(program, seconds, config.patience).await?;
    part.finish(format!("an endpoint that nobody used for {:.0} s", idle.seconds));
    Ok(idle)
}
