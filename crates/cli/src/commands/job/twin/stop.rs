//! Ending a twin that is of no use any more, and reporting what it costs.

use std::time::Duration;

use anyhow::Error;
use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::State;
use solana_address::Address;
use tokio::time::{sleep, timeout};

use crate::commands::{
    context::CliContext,
    job::{
        check_request::CheckRequest,
        cost::JobCost,
        ending::{JobEnd, end_job},
        words::describe_state,
    },
    values::format_nos,
};

/// Longest time to end the twins of a check that ends early.
const INTERRUPT_LIMIT: Duration = Duration::from_secs(10);
/// The pause between two attempts.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);
/// Time in which somebody undoes a match that its node did not start: waiting nodes look every
/// 15 s.
const CRANK_TIME: Duration = Duration::from_secs(30);

/// Returns how long ending a twin of the job may take: a node that was matched with it may start it
/// until its clock is over, and only then it can be stopped.
pub fn stop_limit(job: &Job) -> Duration {
    Duration::from_secs(job.start_seconds.into()) + CRANK_TIME
}

/// Ends a twin, for at most `limit`. Prints what became of it: one that a node goes on to run is
/// paid.
pub async fn end_twin(request: &CheckRequest<'_>, twin: Address, limit: Duration) {
    let ctx = request.ctx;
    let mut problem = None;
    let ended = timeout(limit, end_repeatedly(ctx, twin, &mut problem)).await;

    if ended.is_ok() {
        request.twins.close_twin(&twin);
        // Its listing may have landed without confirmation.
        request.twins.note_listed(twin);
        eprintln!("{}", describe_end(ctx, twin).await);
        return;
    }
    let reason = problem.map_or_else(
        || "a node that was matched with it may still start it".to_owned(),
        |error| format!("{error:#}"),
    );
    eprintln!(
        "cannot end the twin {twin} yet: {reason}; if it was listed, it is paid for what its node \
         runs: `nosana job cancel {twin}` ends it while it waits, `nosana job stop {twin}` when it \
         runs"
    );
}

/// Ends all twins that may run without any use, for at most [`INTERRUPT_LIMIT`] together.
pub async fn end_open_twins(request: &CheckRequest<'_>) {
    let open = request.twins.open();
    let count = u32::try_from(open.len()).unwrap_or(u32::MAX).max(1);

    for twin in open {
        eprintln!("ending the twin {twin}");
        end_twin(request, twin, INTERRUPT_LIMIT / count).await;
    }
}

/// Tries to end the twin until it is over. `problem`: why the last attempt failed.
async fn end_repeatedly(ctx: &CliContext, twin: Address, problem: &mut Option<Error>) {
    loop {
        match end_job(ctx, twin).await {
            Ok(JobEnd::Ended | JobEnd::AlreadyOver) => return,
            Ok(JobEnd::CancelRequested) => *problem = None,
            Err(error) => *problem = Some(error),
        }
        sleep(RETRY_INTERVAL).await;
    }
}

async fn describe_end(ctx: &CliContext, twin: Address) -> String {
    match ctx.session.find_account::<Job>(&twin).await {
        Ok(Some(job)) => describe_over(&twin, &job),
        Ok(None) | Err(_) => {
            format!("the twin {twin} is over; `nosana job show {twin}` prints what it cost")
        }
    }
}

/// One line about a twin that is over, with its cost.
fn describe_over(twin: &Address, job: &Job) -> String {
    let cost = JobCost::from_account(job);
    let cost = cost.map_or_else(|_| "an unknown amount".to_owned(), |it| format_nos(it.total()));

    match State::from_byte(job.state) {
        Some(State::Submitted) => format!(
            "the twin {twin} has a result already; it is paid {cost} when its challenge window ends"
        ),
        Some(
            State::Queued | State::Matched | State::Running | State::Challenged | State::Settled,
        )
        | None => format!("the twin {twin} is {}; it cost {cost}", describe_state(job)),
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;
    use nosana_protocol::job::Reason;

    use super::*;

    fn twin() -> Job {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        Job {
            price_per_second: 50,
            timeout_seconds: 600,
            start_seconds: 60,
            heartbeat_seconds: 20,
            started_at: 1_000,
            heartbeat_at: 1_010,
            ..Job::from_data(&zeroed).unwrap()
        }
    }

    #[test]
    fn a_matched_twin_may_be_stopped_once_its_node_starts_it() {
        assert_eq!(stop_limit(&twin()), Duration::from_secs(90));
    }

    #[test]
    fn a_twin_that_is_over_says_what_it_costs() {
        let address = Address::new_from_array([1; 32]);
        let submitted = Job { state: State::Submitted as u8, submitted_at: 1_100, ..twin() };
        let line = describe_over(&address, &submitted);
        assert!(line.contains("has a result already; it is paid 0.005000 NOS"), "{line}");

        let reason = Reason::Cancelled as u8;
        let cancelled =
            Job { state: State::Settled as u8, reason, started_at: 0, heartbeat_at: 0, ..twin() };
        let line = describe_over(&address, &cancelled);
        assert!(line.ends_with("is settled (Cancelled); it cost 0.000000 NOS"), "{line}");
    }
}
