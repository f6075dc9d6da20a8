//! How nodes gave a job back, as its transactions show it.

use std::collections::BTreeSet;

use nosana_client::{
    Event,
    jobs::{accounts::Job, events::Event as JobsEvent, instructions as jobs},
    session::TransactionDetails,
};
use nosana_protocol::job::ReturnCause;
use serde_json::{Value, json};
use solana_address::Address;

use super::dates::format_known_time;

/// How a job left the node that had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReturnKind {
    /// The node gave it back before the start.
    Refused,
    /// The node gave it back after the start.
    Quit,
    /// The node did not start it in time.
    NotStarted,
    /// The node sent no heartbeat in time.
    HeartbeatLost,
    /// The client rejected its result.
    Rejected,
    /// The node lost its stake, or the instruction is of a later version.
    Other,
}

/// A job's return from a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobReturn {
    kind: ReturnKind,
    /// The owner of the node, where the transaction names it.
    owner: Option<Address>,
    /// Unix timestamp of the transaction.
    at: Option<i64>,
    /// The cause that the node or the program named, if it is known.
    cause: Option<ReturnCause>,
}

impl JobReturn {
    /// How the job came back, such as `refused before the start by the node of …`.
    pub fn describe(&self) -> String {
        let how = match self.kind {
            ReturnKind::Refused => "refused before the start",
            ReturnKind::Quit => "given back after the start",
            ReturnKind::NotStarted => "not started in time",
            ReturnKind::HeartbeatLost => "ended, because its node sent no heartbeat",
            ReturnKind::Rejected => "requeued, because its client rejected the result",
            ReturnKind::Other => "taken from its node",
        };
        let owner = self.owner.map(|owner| format!(" by the node of {owner}")).unwrap_or_default();
        let cause = self.cause.and_then(describe_cause);
        let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();

        format!("{how}{owner}{cause}")
    }

    /// The line of `nosana job show`.
    pub fn to_line(&self) -> (&'static str, String) {
        ("given back", format!("{}  {}", format_known_time(self.at), self.describe()))
    }

    /// The return in JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "at": self.at,
            "how": match self.kind {
                ReturnKind::Refused => "refused",
                ReturnKind::Quit => "quit",
                ReturnKind::NotStarted => "not_started",
                ReturnKind::HeartbeatLost => "heartbeat_lost",
                ReturnKind::Rejected => "rejected",
                ReturnKind::Other => "other",
            },
            "owner": self.owner.map(|owner| owner.to_string()),
            "cause": self.cause.map(|cause| cause as u8),
            "cause_text": self.cause.and_then(describe_cause),
        })
    }
}

/// How the job last came back, as its account states it.
pub fn describe_last_return(job: &Job) -> String {
    let how = match ReturnCause::from_byte(job.return_cause) {
        Some(ReturnCause::NotStarted) => "the last node did not start it in time",
        Some(ReturnCause::HeartbeatLost) => "the last node sent no heartbeat",
        Some(ReturnCause::BackingLost) => "the last node's owner has too little stake left",
        Some(ReturnCause::ResultRejected) => "its client rejected the result",
        Some(cause) => {
            let why = describe_cause(cause).map(|why| format!(": {why}")).unwrap_or_default();
            return format!("the last node gave it back{why}");
        }
        None => "the last node no longer has it",
    };
    how.to_owned()
}

/// Adds the cause that the account states to the last return: no event names it if the job was
/// settled instead of requeued.
pub fn add_last_cause(returns: &mut [JobReturn], job: &Job) {
    if let Some(last) = returns.last_mut()
        && last.cause.is_none()
    {
        last.cause = ReturnCause::from_byte(job.return_cause);
    }
}

/// Why a node gave a job back, in words; `None` where the kind of the return says it.
fn describe_cause(cause: ReturnCause) -> Option<&'static str> {
    Some(match cause {
        ReturnCause::ContentUnavailable => {
            "it could not get the definition, an input or a model; check that they are published"
        }
        ReturnCause::DefinitionInvalid => "it cannot read the definition",
        ReturnCause::Unsupported => "it lacks what the definition requires",
        ReturnCause::ImageUnavailable => "it could not get a container image; check its name",
        ReturnCause::NodeBusy => {
            "it has too little memory or disk left, or a disputed result to judge"
        }
        ReturnCause::NodeStopping => "its owner stops it",
        ReturnCause::NodeFault => "an operation failed on it",
        ReturnCause::None
        | ReturnCause::Unspecified
        | ReturnCause::NotStarted
        | ReturnCause::HeartbeatLost
        | ReturnCause::BackingLost
        | ReturnCause::ResultRejected => return None,
    })
}

/// How nodes gave the job back in these transactions, which are in order.
pub fn find_returns(job: &Address, history: &[TransactionDetails]) -> Vec<JobReturn> {
    let mut is_started = false;
    let mut returns = Vec::new();

    for details in history {
        if let Some(found) = find_return(job, details, is_started) {
            returns.push(found);
            is_started = false;
        }
        is_started |= is_start(job, details);
    }
    returns
}

/// How many times nodes gave the job back, and how it came back the last time; `None` if they never
/// did.
pub fn describe_returns(returns: &[JobReturn]) -> Option<String> {
    let last = returns.last()?.describe();
    let owners: BTreeSet<_> = returns.iter().filter_map(|it| it.owner).collect();

    Some(match (returns.len(), owners.len()) {
        (1, _) => format!("a node gave the job back once: {last}"),
        (count, 0 | 1) => format!("the job came back {count} times, the last time {last}"),
        (count, owners) => {
            format!("{owners} owners' nodes gave the job back {count} times, the last time {last}")
        }
    })
}

/// Returns how the job came back in this transaction; `None` if it did not. `is_started` says
/// whether the node had started it.
///
/// A job that has no attempt left, or finds no place, is settled instead of requeued: a `quit` and
/// an expired match are returns in any case.
fn find_return(job: &Address, details: &TransactionDetails, is_started: bool) -> Option<JobReturn> {
    let has_instruction = |name: &str| details.instructions.contains(&name);
    let requeued = jobs_events(details).find_map(|event| match event {
        JobsEvent::JobRequeued(requeued) if requeued.job == *job => Some(requeued),
        _ => None,
    });
    let cause = requeued.and_then(|requeued| u8::try_from(requeued.cause).ok());
    let cause = cause.and_then(ReturnCause::from_byte);
    let at = details.transaction.at;

    if has_instruction(jobs::Quit::NAME) {
        let kind = if is_started { ReturnKind::Quit } else { ReturnKind::Refused };
        return Some(JobReturn { kind, owner: Some(details.payer), at, cause });
    }

    let kind = if has_instruction(jobs::ExpireMatch::NAME) {
        ReturnKind::NotStarted
    } else if requeued.is_none() {
        return None;
    } else if has_instruction(jobs::ExpireRun::NAME) {
        ReturnKind::HeartbeatLost
    } else if has_instruction(jobs::Reject::NAME) {
        ReturnKind::Rejected
    } else {
        ReturnKind::Other
    };
    Some(JobReturn { kind, owner: None, at, cause })
}

fn is_start(job: &Address, details: &TransactionDetails) -> bool {
    jobs_events(details)
        .any(|event| matches!(event, JobsEvent::JobStarted(started) if started.job == *job))
}

fn jobs_events(details: &TransactionDetails) -> impl Iterator<Item = &JobsEvent> {
    details.events.iter().filter_map(|event| match event {
        Event::Jobs(event) => Some(event),
        Event::Staking(_) | Event::Rewards(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use nosana_client::{
        ProgramAccount,
        jobs::events::{JobRequeued, JobStarted},
        session::PastTransaction,
    };

    use super::*;

    const JOB: Address = Address::new_from_array([7; 32]);
    const OWNER: Address = Address::new_from_array([8; 32]);

    fn requeued(job: Address) -> Event {
        let node = Address::default();
        let cause = ReturnCause::Unsupported as u64;
        Event::Jobs(JobsEvent::JobRequeued(JobRequeued { job, node, attempts: 0, cause, cell: 0 }))
    }

    fn started() -> Event {
        let (job, node) = (JOB, Address::default());
        Event::Jobs(JobsEvent::JobStarted(JobStarted { job, node, started_at: 0, deadline: 0 }))
    }

    /// Transactions, each with an instruction and its events.
    fn history(transactions: &[(&'static str, &[Event])]) -> Vec<TransactionDetails> {
        let detail =
            |(index, (name, events)): (usize, &(&'static str, &[Event]))| TransactionDetails {
                transaction: PastTransaction {
                    signature: Default::default(),
                    slot: index as u64,
                    at: Some(0),
                },
                payer: OWNER,
                instructions: vec![*name],
                events: events.to_vec(),
            };
        transactions.iter().enumerate().map(detail).collect()
    }

    #[test]
    fn each_way_back_to_the_queue_is_told_apart() {
        let other = Address::new_from_array([9; 32]);
        let history = history(&[
            ("list", &[]),
            ("quit", &[requeued(JOB)]),
            ("expire_match", &[requeued(JOB)]),
            ("start", &[started()]),
            ("heartbeat", &[]),
            ("expire_run", &[requeued(JOB)]),
            ("start", &[started()]),
            ("quit", &[requeued(JOB)]),
            ("finish", &[requeued(JOB)]),
            // The job is settled: no attempt is left, or another job came back.
            ("quit", &[]),
            ("expire_run", &[requeued(other)]),
        ]);

        let returns = find_returns(&JOB, &history);
        let kinds: Vec<_> = returns.iter().map(|it| it.kind).collect();
        use ReturnKind::*;
        assert_eq!(kinds, [Refused, NotStarted, HeartbeatLost, Quit, Other, Refused]);
        let quitters: Vec<_> = returns.iter().map(|it| it.owner).collect();
        assert_eq!(quitters, [Some(OWNER), None, None, Some(OWNER), None, Some(OWNER)]);
    }

    #[test]
    fn the_account_states_the_last_cause() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let zeroed = Job::from_data(&zeroed).unwrap();
        let returned = |cause| Job { return_cause: cause as u8, ..zeroed };

        let no_image = returned(ReturnCause::ImageUnavailable);
        let expected =
            "the last node gave it back: it could not get a container image; check its name";
        assert_eq!(describe_last_return(&no_image), expected);
        let silent = describe_last_return(&returned(ReturnCause::Unspecified));
        assert_eq!(silent, "the last node gave it back");
        let lost = describe_last_return(&returned(ReturnCause::HeartbeatLost));
        assert_eq!(lost, "the last node sent no heartbeat");

        // The last return settled the job: no event has its cause.
        let history = history(&[("quit", &[requeued(JOB)]), ("quit", &[])]);
        let mut returns = find_returns(&JOB, &history);
        add_last_cause(&mut returns, &no_image);
        let causes: Vec<_> = returns.iter().map(|it| it.cause).collect();
        let known = [ReturnCause::Unsupported, ReturnCause::ImageUnavailable];
        assert_eq!(causes, known.map(Some));
    }

    #[test]
    fn returns_are_summed_up() {
        assert_eq!(describe_returns(&[]), None);

        let refused =
            JobReturn { kind: ReturnKind::Refused, owner: Some(OWNER), at: None, cause: None };
        let once = describe_returns(std::slice::from_ref(&refused)).unwrap();
        assert_eq!(
            once,
            format!(
                "a node gave the job back once: refused before the start by the node of {OWNER}"
            )
        );

        let lost =
            JobReturn { kind: ReturnKind::HeartbeatLost, owner: None, at: None, cause: None };
        let twice = describe_returns(&[refused.clone(), lost.clone()]).unwrap();
        assert!(twice.starts_with("the job came back 2 times, the last time ended,"), "{twice}");

        let lacking = JobReturn { cause: Some(ReturnCause::Unsupported), ..refused.clone() };
        assert!(lacking.describe().ends_with(": it lacks what the definition requires"));

        let other = JobReturn { owner: Some(JOB), ..refused.clone() };
        let many = describe_returns(&[refused, lost, other]).unwrap();
        assert!(many.starts_with("2 owners' nodes gave the job back 3 times"), "{many}");
    }
}
