//! What a job does, for who brings its content.

use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::State;

use crate::commands::job::{waiting::is_unstarted, words::describe_state};

/// What a job does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No node has started it.
    Waiting,
    /// A node runs it, or has run it.
    Started,
    /// It was settled after a node had started it.
    Over,
    /// It was settled, and no node has started it: its state, for a sentence.
    Unstarted(String),
    /// The chain does not have it, or the server is far behind.
    Missing,
}

/// What becomes of the job without its content; `None` if it waits for that.
pub fn find_stage(job: &Job) -> Option<Stage> {
    if is_unstarted(job) {
        return None;
    }

    // A run may have begun and ended between two looks; one that failed counts as an attempt.
    let was_started = job.started_at != 0 || job.attempts > 0;
    Some(match (job.state == State::Settled as u8, was_started) {
        (true, false) => Stage::Unstarted(describe_state(job)),
        (true, true) => Stage::Over,
        (false, _) => Stage::Started,
    })
}

/// Whether the job has left the node that had it for this attempt, or was started. Attempts count
/// up: a read of an earlier one is stale.
pub fn has_moved_on(job: &Job, attempt_id: u64) -> bool {
    job.attempt_id > attempt_id || !is_unstarted(job)
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;
    use nosana_protocol::job::Reason;

    use super::*;

    fn job(state: State) -> Job {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        Job { state: state as u8, attempt_id: 5, ..Job::from_data(&zeroed).unwrap() }
    }

    #[test]
    fn a_job_that_ended_without_a_start_is_told_from_one_that_ran() {
        let settled = Job { reason: Reason::Cancelled as u8, ..job(State::Settled) };
        let unstarted = Stage::Unstarted("settled (Cancelled)".to_owned());
        assert_eq!(find_stage(&settled), Some(unstarted));
        assert_eq!(find_stage(&Job { started_at: 9, ..settled }), Some(Stage::Over));
        assert_eq!(find_stage(&Job { attempts: 1, ..settled }), Some(Stage::Over));

        assert_eq!(find_stage(&job(State::Running)), Some(Stage::Started));
        assert_eq!(find_stage(&job(State::Queued)), None);
        assert_eq!(find_stage(&job(State::Matched)), None);
    }

    #[test]
    fn a_transfer_ends_when_another_attempt_or_the_run_begins() {
        assert!(!has_moved_on(&job(State::Queued), 5));
        assert!(!has_moved_on(&job(State::Matched), 6), "a stale read");
        assert!(has_moved_on(&job(State::Queued), 4));
        assert!(has_moved_on(&job(State::Running), 5));
        assert!(has_moved_on(&job(State::Settled), 5));
    }
}
