//! Printing the log of a job while it is written.

use std::time::Duration;

use anyhow::{Context, Result};
use nosana_net::{
    job::{JobError, RefusalReason},
    logs::{LogFollower, LogPart},
};
use tokio::time::{Instant, sleep};

use super::{link::JobReach, log_printer::LogPrinter};

/// How long a node may take to begin a job that the chain counts as running.
const BEGIN_TIMEOUT: Duration = Duration::from_secs(30);
/// The pause between two tries of that.
const BEGIN_INTERVAL: Duration = Duration::from_millis(250);

/// Prints the job's log from its start until it ends. A job that runs again meanwhile begins a new
/// log, which is printed, too. Returns what operations printed, if all of that was received.
pub async fn print_live_log(reach: &JobReach, is_raw: bool) -> Result<Option<Vec<u8>>> {
    let mut follower = LogFollower::new(reach.link.clone(), 0);
    let mut printer = LogPrinter::new(is_raw);
    let begin_until = Instant::now() + BEGIN_TIMEOUT;
    let mut restarts = 0;

    loop {
        let part = match follower.next_part().await {
            Err(JobError::Refused { reason: RefusalReason::NotRunning, .. })
                if follower.position() == 0 && Instant::now() < begin_until =>
            {
                sleep(BEGIN_INTERVAL).await;
                continue;
            }
            part => part.with_context(|| reach.describe_failure())?,
        };

        if follower.restarts() > restarts {
            restarts = follower.restarts();
            printer.finish();
            printer.forget_printed(true);
            eprintln!("the job runs again, from the beginning");
        }
        match part {
            LogPart::Bytes(bytes) => printer.print_part(&bytes),
            LogPart::Gap(lost) => {
                printer.finish();
                printer.forget_printed(false);
                eprintln!("{lost} bytes are missing here: the log is longer than its node keeps");
            }
            LogPart::End => {
                printer.finish();
                return Ok(printer.into_printed());
            }
        }
    }
}
