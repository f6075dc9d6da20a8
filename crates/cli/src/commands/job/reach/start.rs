//! Waiting until a node runs a job.

use anyhow::{Result, bail};
use nosana_client::{Session, jobs::accounts::Job};
use nosana_protocol::job::State;
use solana_address::Address;

use crate::commands::job::{waiting::is_unstarted, words::describe_state};

/// Whether to print that a job waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartNotice {
    /// With a line.
    Print,
    /// Not here.
    Silent,
}

/// Returns the job once a node runs it. Fails if it has ended.
pub async fn wait_until_running(
    session: &Session,
    address: Address,
    notice: StartNotice,
) -> Result<Job> {
    let mut updates = session.subscribe_account::<Job>(address);
    let mut is_announced = notice == StartNotice::Silent;

    while let Some(update) = updates.next().await {
        let Some(job) = update?.account else {
            bail!("cannot find a job at {address}: it was never listed, or is closed already");
        };
        if job.state == State::Running as u8 {
            return Ok(job);
        }
        if !is_unstarted(&job) {
            bail!(
                "the job has ended: {}; `nosana job logs {address}` prints its log",
                describe_state(&job)
            );
        }

        if !is_announced {
            is_announced = true;
            eprintln!("the job waits for a node");
        }
    }
    bail!("the network ended the subscription; try again")
}
