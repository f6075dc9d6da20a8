//! What the last node that gave a job back says about it. It is a stranger's text.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, MAX_RETURN_REPORT_BYTES, MAX_RETURN_TEXT_BYTES, ReturnReport};
use nosana_protocol::job::{Reason, ReturnCause, State};
use nosana_store::Store;
use solana_address::Address;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{content::read_bytes, waiting::is_unstarted};
use crate::{commands::context::CliContext, terminal::sanitize_text};

/// The longest time to wait for the words: the node may be gone.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Whether the job's checkpoint names what the last node that gave it back says, and not what a
/// node that runs it reports.
pub fn has_node_words(job: &Job) -> bool {
    let cause = ReturnCause::from_byte(job.return_cause);
    let ended_without_node = matches!(
        Reason::from_byte(job.reason),
        Some(Reason::AttemptsExhausted | Reason::Unplaceable | Reason::Expired | Reason::Cancelled)
    );

    let never_ran = job.state == State::Settled as u8 && job.started_at == 0;

    job.checkpoint != [0; 32]
        && cause.is_some_and(ReturnCause::is_nodes_own)
        && (is_unstarted(job) || ended_without_node || never_ran)
}

/// Reads what the last node that gave the job back says.
///
/// # Errors
/// If nobody has it, or it is about another job.
pub fn read_return_report(store: &Store, job: &Job) -> Result<ReturnReport> {
    let store = store.clone().with_deadline(Instant::now() + FETCH_TIMEOUT);
    let id = ContentId::from_digest(job.checkpoint);

    let bytes = read_bytes(&store, &id, MAX_RETURN_REPORT_BYTES)?;
    let report: ReturnReport = serde_json::from_slice(&bytes)?;
    ensure!(report.definition.digest() == job.definition, "the node's words are about another job");
    Ok(report)
}

/// Returns what the last node that gave the job back says, on one line. `None` if it says nothing,
/// or nobody has it.
pub fn find_node_words(store: &Store, job: &Job) -> Option<String> {
    if !has_node_words(job) {
        return None;
    }

    match read_return_report(store, job) {
        Ok(report) => clean_words(&report.text),
        Err(error) => {
            tracing::debug!("cannot read why the node gave the job back: {error:#}");
            None
        }
    }
}

/// Prints what the last node that gave the job back says, as soon as it is here. `None` if it says
/// nothing.
pub fn print_node_words(ctx: &CliContext, address: &Address, job: &Job) -> Option<JoinHandle<()>> {
    let store = ctx.job_store(address, job).ok().filter(|_| has_node_words(job))?;
    let job = *job;

    Some(spawn_blocking(move || {
        if let Some(words) = find_node_words(&store, &job) {
            eprintln!("the node says: {words}");
        }
    }))
}

/// The words on one line, bounded, and without what could control a terminal.
fn clean_words(text: &str) -> Option<String> {
    let bounded: String = text.chars().take(MAX_RETURN_TEXT_BYTES).collect();
    let plain = sanitize_text(&bounded).replace(char::is_control, " ");

    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    fn returned_job(state: State, reason: Reason, cause: ReturnCause) -> Job {
        let data = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let job = Job::from_data(&data).unwrap();
        Job {
            started_at: 1,
            state: state as u8,
            reason: reason as u8,
            return_cause: cause as u8,
            checkpoint: [1; 32],
            ..job
        }
    }

    #[test]
    fn a_checkpoint_of_a_run_is_no_words() {
        use ReturnCause::{HeartbeatLost, NodeFault};
        let has = |state, reason, cause| has_node_words(&returned_job(state, reason, cause));
        assert!(has(State::Queued, Reason::None, NodeFault));
        assert!(has(State::Matched, Reason::None, NodeFault));
        assert!(has(State::Settled, Reason::AttemptsExhausted, NodeFault));

        // Another node runs it, or has run it; the last node said nothing.
        assert!(!has(State::Running, Reason::None, NodeFault));
        assert!(!has(State::Settled, Reason::ClientStopped, NodeFault));
        assert!(!has(State::Settled, Reason::AttemptsExhausted, HeartbeatLost));

        // Its client stopped it while another node was about to start it.
        let stopped = returned_job(State::Settled, Reason::ClientStopped, NodeFault);
        assert!(has_node_words(&Job { started_at: 0, ..stopped }));

        let silent =
            Job { checkpoint: [0; 32], ..returned_job(State::Queued, Reason::None, NodeFault) };
        assert!(!has_node_words(&silent));
    }

    #[test]
    fn words_are_read_for_their_own_job_only_and_are_harmless() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let definition = ContentId::from_digest([7; 32]);
        let text = "no image\u{1b}]0;title\u{7}\r\nfake line \u{1b}[31mred";
        let id = store.put_json(&ReturnReport::new(definition, text.to_owned())).unwrap();

        let returned = returned_job(State::Queued, Reason::None, ReturnCause::ImageUnavailable);
        let job = Job { checkpoint: id.digest(), definition: [7; 32], ..returned };
        let words = find_node_words(&store, &job).unwrap();
        assert_eq!(words, "no image]0;title fake line [31mred");

        let other = Job { definition: [8; 32], ..job };
        assert_eq!(find_node_words(&store, &other), None);
        let missing = Job { checkpoint: [9; 32], ..job };
        assert_eq!(find_node_words(&store, &missing), None);
        assert_eq!(clean_words(&"x".repeat(5_000)).unwrap().len(), MAX_RETURN_TEXT_BYTES);
        assert_eq!(clean_words(" \u{1b} "), None);
    }
}
