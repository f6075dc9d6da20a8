//! Waiting for a twin's result.

use std::time::Duration;

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::State;
use solana_address::Address;
use tokio::time::{Instant, sleep};

use crate::commands::job::{check_request::CheckRequest, words::describe_state};

/// The pause between two looks at a twin and its job.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// How waiting for a twin ended.
#[derive(Clone, Debug, PartialEq)]
pub enum TwinEnd {
    /// Another node has submitted its result.
    Submitted(Box<Job>),
    /// The node of the job has it, which would repeat what it did.
    SameNode,
    /// Somebody has decided about the job's result meanwhile: what the job is now.
    Overtaken(String),
    /// It ended otherwise: its state.
    Other(String),
    /// It has no result in time.
    Late,
}

/// Waits for the result of a twin, until `result_by`. A look that fails says nothing.
pub async fn await_twin(request: &CheckRequest<'_>, twin: &Address, result_by: Instant) -> TwinEnd {
    loop {
        match look_at(request, twin).await {
            Ok(Some(end)) => return end,
            Ok(None) => {}
            Err(error) => tracing::debug!("cannot read the twin or its job: {error:#}"),
        }

        if Instant::now() >= result_by {
            return TwinEnd::Late;
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// Looks at the job and then at the twin. Returns `None` if both may still change.
async fn look_at(request: &CheckRequest<'_>, twin: &Address) -> Result<Option<TwinEnd>> {
    if let Some(decision) = find_decision(request).await? {
        return Ok(Some(TwinEnd::Overtaken(decision)));
    }

    let found = request.ctx.session.find_account::<Job>(twin).await?;
    Ok(found.and_then(|twin| find_end(&twin, &request.job.node)))
}

/// Returns what the job is now if its result can be disputed no longer, or not again; `None` if it
/// can.
pub async fn find_decision(request: &CheckRequest<'_>) -> Result<Option<String>> {
    let found = request.ctx.session.find_account::<Job>(&request.address).await?;
    Ok(describe_decision(request.job, found.as_ref()))
}

/// `current`: the job as it is now; `None` if its account is closed.
fn describe_decision(checked: &Job, current: Option<&Job>) -> Option<String> {
    let Some(current) = current else { return Some("closed".to_owned()) };
    let is_open =
        current.state == State::Submitted as u8 && current.attempt_id == checked.attempt_id;

    if is_open { None } else { Some(describe_state(current)) }
}

/// Returns how a twin of a job that `node` ran has ended; `None` if its result may still come.
fn find_end(twin: &Job, node: &Address) -> Option<TwinEnd> {
    match State::from_byte(twin.state) {
        Some(State::Queued) => None,
        Some(State::Matched | State::Running | State::Submitted) if twin.node == *node => {
            Some(TwinEnd::SameNode)
        }
        Some(State::Matched | State::Running) => None,
        Some(State::Submitted) => Some(TwinEnd::Submitted(Box::new(*twin))),
        Some(State::Challenged | State::Settled) | None => {
            Some(TwinEnd::Other(describe_state(twin)))
        }
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;
    use nosana_protocol::job::Reason;

    use super::*;

    const NODE: Address = Address::new_from_array([1; 32]);
    const OTHER: Address = Address::new_from_array([2; 32]);

    fn twin(state: State, node: Address) -> Job {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        Job { state: state as u8, node, ..Job::from_data(&zeroed).unwrap() }
    }

    #[test]
    fn only_another_node_proves_something() {
        for state in [State::Matched, State::Running, State::Submitted] {
            assert_eq!(find_end(&twin(state, NODE), &NODE), Some(TwinEnd::SameNode), "{state:?}");
        }
        // A job in the queue may name the node of an earlier attempt.
        for node in [NODE, Address::default()] {
            assert_eq!(find_end(&twin(State::Queued, node), &NODE), None);
        }
        assert_eq!(find_end(&twin(State::Matched, OTHER), &NODE), None);
        assert_eq!(find_end(&twin(State::Running, OTHER), &NODE), None);
        let submitted = twin(State::Submitted, OTHER);
        let end = find_end(&submitted, &NODE);
        assert!(matches!(end, Some(TwinEnd::Submitted(job)) if job.node == OTHER));
    }

    #[test]
    fn a_twin_without_a_result_says_how_it_ended() {
        let reason = Reason::Cancelled as u8;
        let cancelled = Job { reason, ..twin(State::Settled, Address::default()) };
        let end = Some(TwinEnd::Other("settled (Cancelled)".to_owned()));
        assert_eq!(find_end(&cancelled, &NODE), end);
        let disputed = find_end(&twin(State::Challenged, OTHER), &NODE);
        assert!(matches!(disputed, Some(TwinEnd::Other(_))), "{disputed:?}");
    }

    #[test]
    fn a_check_ends_when_somebody_decides_about_the_result() {
        let checked = Job { attempt_id: 1, ..twin(State::Submitted, NODE) };
        assert_eq!(describe_decision(&checked, Some(&checked)), None);
        let later = Job { attempt_id: 2, ..checked };
        assert!(describe_decision(&checked, Some(&later)).is_some(), "another attempt's result");
        for state in [State::Queued, State::Challenged, State::Settled] {
            let decided = Job { state: state as u8, ..checked };
            assert!(describe_decision(&checked, Some(&decided)).is_some(), "{state:?}");
        }
        assert_eq!(describe_decision(&checked, None).as_deref(), Some("closed"));
    }
}
