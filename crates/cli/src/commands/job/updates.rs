//! Following a job's states.

use std::{pin::pin, time::Duration};

use anyhow::{Error, Result, bail};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_protocol::job::State;
use solana_address::Address;
use tokio::time::{Instant, sleep};

use super::{
    cost::JobCost,
    dispute_updates::DisputeFollower,
    node_words::print_node_words,
    returns::describe_last_return,
    waiting::{describe_unserved, explain_wait, is_unstarted},
    words::state_name,
};
use crate::{
    commands::context::CliContext,
    exit_status::{CommandFailed, INTERRUPTED},
    shutdown,
};

/// Time without a start after which the reason is printed.
const QUEUE_ADVICE_DELAY: Duration = Duration::from_secs(30);
/// Time after which it is printed again, if it has changed.
const QUEUE_ADVICE_INTERVAL: Duration = Duration::from_secs(120);

/// The pause between two looks at a dispute.
const DISPUTE_INTERVAL: Duration = Duration::from_secs(2);

/// The last update of a job.
struct LastUpdate {
    state: u8,
    node: Address,
    /// How often the job has come back from a node.
    returns: u16,
    /// The job, if no node has started it.
    unstarted: Option<Job>,
    /// The job, if its result is disputed.
    disputed: Option<Job>,
    /// For the case that the next update is the closing of the account.
    summary: String,
}

/// Prints each new state of the job, at the end its cost, and returns the job once it is settled. Calls `on_update` with
/// every update before that.
pub async fn follow_updates(
    ctx: &CliContext,
    address: Address,
    on_update: impl AsyncFn(&Job) -> Result<()>,
) -> Result<Job> {
    let mut updates = ctx.session.subscribe_account::<Job>(address);
    let mut last: Option<LastUpdate> = None;
    let mut queue_advice = pin!(sleep(QUEUE_ADVICE_DELAY));
    let mut advice = String::new();
    let mut disputes = DisputeFollower::default();
    let mut dispute_look = pin!(sleep(DISPUTE_INTERVAL));
    let mut interrupted = pin!(shutdown::wait_for_signal());

    loop {
        let update = tokio::select! {
            update = updates.next() => update,
            () = &mut queue_advice => {
                queue_advice.as_mut().reset(Instant::now() + QUEUE_ADVICE_INTERVAL);
                if let Some(job) = last.as_ref().and_then(|last| last.unstarted.as_ref()) {
                    let explained = explain_wait(ctx, &address, job).await;
                    print_advice(&address, &explained, &mut advice);
                }
                continue;
            }
            () = &mut dispute_look => {
                dispute_look.as_mut().reset(Instant::now() + DISPUTE_INTERVAL);
                if let Some(job) = last.as_ref().and_then(|last| last.disputed.as_ref()) {
                    disputes.advance(ctx, &address, job).await;
                }
                continue;
            }
            () = &mut interrupted => {
                let unstarted = last.as_ref().and_then(|last| last.unstarted.as_ref());
                return Err(describe_interruption(&address, unstarted));
            }
        };

        let Some(update) = update else { break };
        let Some(job) = update?.account else {
            if let Some(last) = last {
                bail!("the job's account is closed; {}", last.summary);
            }
            continue;
        };

        if last.as_ref().is_none_or(|last| last.differs_from(&job)) {
            // A job that nodes keep giving back is announced too: only a run ends the wait.
            if job.state == State::Running as u8 {
                queue_advice.as_mut().reset(Instant::now() + QUEUE_ADVICE_DELAY);
            }
            print_state(&job, last.as_ref());
        }
        let words = if has_returned(&job, last.as_ref()) {
            print_node_words(ctx, &address, &job)
        } else {
            None
        };
        last = Some(LastUpdate::new(&job));

        if job.state == State::Settled as u8 {
            if let Some(words) = words {
                // The process would end before they are here.
                let _ = words.await;
            }
            disputes.finish(ctx, &address, &job).await;
            eprintln!("{}", JobCost::from_account(&job)?.describe_end());
            return Ok(job);
        }
        on_update(&job).await?;
    }
    bail!("the network ended the subscription; `nosana job wait {address}` continues to wait")
}

/// The error of a wait that a signal ended. A private job that no node has started does not
/// continue: this command brought its content.
fn describe_interruption(address: &Address, unstarted: Option<&Job>) -> Error {
    let message = if unstarted.is_some_and(|job| job.is_private != 0) {
        describe_unserved(address)
    } else {
        format!(
            "the job continues: `nosana job wait {address}` waits again, \
             `nosana job stop` or `cancel` ends it"
        )
    };
    CommandFailed { exit_code: INTERRUPTED, message }.into()
}

impl LastUpdate {
    fn new(job: &Job) -> Self {
        let summary = if job.result == [0; 32] {
            format!("its last state was {}", state_name(job).to_lowercase())
        } else {
            format!("its result was {}", ContentId::from_digest(job.result))
        };
        let unstarted = is_unstarted(job).then_some(*job);
        let disputed = (job.state == State::Challenged as u8).then_some(*job);
        let returns = count_returns(job);
        Self { state: job.state, node: job.node, returns, unstarted, disputed, summary }
    }

    fn differs_from(&self, job: &Job) -> bool {
        self.state != job.state || self.node != job.node || self.returns != count_returns(job)
    }
}

/// Prints why the job waits, unless that was printed before.
fn print_advice(address: &Address, explained: &str, printed: &mut String) {
    if explained == printed {
        return;
    }

    eprintln!(
        "no node has started the job yet: {explained}; \
         `nosana job cancel {address}` refunds the deposit"
    );
    explained.clone_into(printed);
}

/// Prints one line about a new state.
fn print_state(job: &Job, last: Option<&LastUpdate>) {
    let node =
        if job.node == Address::default() { String::new() } else { format!(" on {}", job.node) };
    let returned = if has_returned(job, last) {
        format!(": {}", describe_last_return(job))
    } else {
        String::new()
    };

    eprintln!("{}{node}{returned}", state_name(job).to_lowercase());
}

/// Whether the job has come back from a node since the last update, or before the first one.
fn has_returned(job: &Job, last: Option<&LastUpdate>) -> bool {
    match last {
        Some(last) => last.returns != count_returns(job),
        None => is_unstarted(job) && job.return_cause != 0,
    }
}

/// How often the job has come back from a node. A node that took a job from the queue is not named
/// by the job, so its state may stay the same.
fn count_returns(job: &Job) -> u16 {
    u16::from(job.attempts) + u16::from(job.refusals)
}
