//! Following a job's states.

use std::{pin::pin, time::Duration};

use anyhow::{Error, Result, bail};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_protocol::job::State;
use solana_address::Address;
use tokio::time::{Instant, sleep};

use super::words::state_name;
use crate::{
    commands::context::CliContext,
    exit_status::{CommandFailed, INTERRUPTED},
    shutdown,
};

/// Time in the queue after which the client is advised to cancel the job.
const QUEUE_ADVICE_DELAY: Duration = Duration::from_secs(30);
const QUEUE_ADVICE: &str =
    "no node has started the job for 30 s: all are busy, or none can run its definition";

/// The last update of a job.
struct LastUpdate {
    state: u8,
    node: Address,
    /// For the case that the next update is the closing of the account.
    summary: String,
}

/// Prints each new state of the job and returns the job once it is settled. Calls `on_update` with
/// every update before that.
pub async fn follow_updates(
    ctx: &CliContext,
    address: Address,
    on_update: impl AsyncFn(&Job) -> Result<()>,
) -> Result<Job> {
    let mut updates = ctx.session.subscribe_account::<Job>(address);
    let mut last: Option<LastUpdate> = None;
    let mut queue_advice = pin!(sleep(QUEUE_ADVICE_DELAY));
    let mut is_advised = false;
    let mut interrupted = pin!(shutdown::wait_for_signal());

    loop {
        let update = tokio::select! {
            update = updates.next() => update,
            () = &mut queue_advice, if !is_advised => {
                is_advised = true;
                if last.as_ref().is_none_or(LastUpdate::is_queued) {
                    eprintln!("{QUEUE_ADVICE}; `nosana job cancel {address}` refunds the deposit");
                }
                continue;
            }
            () = &mut interrupted => return Err(describe_interruption(&address)),
        };

        let Some(update) = update else { break };
        let Some(job) = update?.account else {
            if let Some(last) = last {
                bail!("the job's account is closed; {}", last.summary);
            }
            continue;
        };

        if last.as_ref().is_none_or(|last| last.differs_from(&job)) {
            if job.state == State::Queued as u8 {
                queue_advice.as_mut().reset(Instant::now() + QUEUE_ADVICE_DELAY);
                is_advised = false;
            }
            print_state(&job, last.as_ref());
        }
        last = Some(LastUpdate::new(&job));

        if job.state == State::Settled as u8 {
            return Ok(job);
        }
        on_update(&job).await?;
    }
    bail!("the network ended the subscription; `nosana job wait {address}` continues to wait")
}

/// The error of a wait that a signal ended.
fn describe_interruption(job: &Address) -> Error {
    let message = format!(
        "the job continues: `nosana job wait {job}` waits again, \
         `nosana job stop` or `cancel` ends it"
    );
    CommandFailed { exit_code: INTERRUPTED, message }.into()
}

impl LastUpdate {
    fn new(job: &Job) -> Self {
        let summary = if job.result == [0; 32] {
            format!("its last state was {}", state_name(job).to_lowercase())
        } else {
            format!("its result was {}", ContentId::from_digest(job.result))
        };
        Self { state: job.state, node: job.node, summary }
    }

    fn is_queued(&self) -> bool {
        self.state == State::Queued as u8
    }

    fn differs_from(&self, job: &Job) -> bool {
        self.state != job.state || self.node != job.node
    }
}

/// Prints one line about a new state.
fn print_state(job: &Job, last: Option<&LastUpdate>) {
    let node =
        if job.node == Address::default() { String::new() } else { format!(" on {}", job.node) };
    let is_requeued =
        job.state == State::Queued as u8 && last.is_some_and(|last| !last.is_queued());
    let requeued = if is_requeued { ": its node quit, or stopped sending heartbeats" } else { "" };

    eprintln!("{}{node}{requeued}", state_name(job).to_lowercase());
}
