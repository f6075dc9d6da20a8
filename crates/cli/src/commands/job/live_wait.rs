//! The log of a job that a command waits for, straight from its node while the job runs. In a
//! terminal only: a program that reads the output gets the stored log alone, whose hash is checked.
//!
//! A node without an endpoint, or one that cannot be reached, does not fail the command: the log is
//! printed from the store at the end, after its hash was checked.

use std::{
    io::{IsTerminal, stdout},
    time::Duration,
};

use anyhow::Result;
use nosana_client::Session;
use nosana_net::transport::RelayChoice;
use solana_address::Address;
use solana_keypair::Keypair;
use tokio::{task::JoinHandle, time::timeout};

use super::{
    command_logs::LogOptions,
    reach::{JobReach, ReachOptions, StartNotice, print_live_log, wait_until_running},
};
use crate::commands::context::CliContext;

/// How long the end of a log may come after the end of its job.
const END_TIMEOUT: Duration = Duration::from_secs(3);

/// Prints the log of a job meanwhile.
pub struct LiveWait {
    /// `None` if nothing is printed.
    task: Option<JoinHandle<Option<Vec<u8>>>>,
}

impl LiveWait {
    /// Begins to wait for the job's log, if a terminal displays it.
    pub fn start(ctx: &CliContext, address: Address, options: &LogOptions<'_>) -> Self {
        if options.as_json || !stdout().is_terminal() {
            return Self { task: None };
        }

        let session = ctx.session.clone();
        let relays = ctx.network.chosen_relays();
        let wallet = ctx.keypair.insecure_clone();
        let is_raw = options.raw;
        let task = tokio::spawn(async move {
            match print_log(&session, relays, wallet, address, is_raw).await {
                Ok(printed) => printed,
                Err(error) => {
                    tracing::debug!("cannot follow the log: {error:#}");
                    None
                }
            }
        });
        Self { task: Some(task) }
    }

    /// Returns what operations printed, once the job has ended; `None` if not everything was
    /// received.
    pub async fn finish(mut self) -> Option<Vec<u8>> {
        let task = self.task.as_mut()?;
        timeout(END_TIMEOUT, task).await.ok()?.ok()?
    }
}

impl Drop for LiveWait {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn print_log(
    session: &Session,
    relays: Option<RelayChoice>,
    wallet: Keypair,
    address: Address,
    is_raw: bool,
) -> Result<Option<Vec<u8>>> {
    let job = wait_until_running(session, address, StartNotice::Silent).await?;
    let options = ReachOptions::default();

    let read_key = || Ok(wallet);
    let reach = JobReach::prepare(session, &options, relays, address, &job, read_key).await?;
    let printed = print_live_log(&reach, is_raw).await;
    reach.close().await;
    printed
}
