//! A job's state, reason and kind as words.

use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::{Kind, Reason, State};

/// The name of the job's state, such as `Settled`.
pub fn state_name(job: &Job) -> String {
    State::from_byte(job.state)
        .map_or_else(|| format!("unknown ({})", job.state), |state| format!("{state:?}"))
}

/// The name of the reason for which the job was settled, such as `Completed`; `-` if it is not.
pub fn reason_name(job: &Job) -> String {
    match Reason::from_byte(job.reason) {
        Some(Reason::None) => "-".to_owned(),
        Some(reason) => format!("{reason:?}"),
        None => format!("unknown ({})", job.reason),
    }
}

/// The state within a sentence, with the reason if the job has one: `settled (Completed)`.
pub fn describe_state(job: &Job) -> String {
    let state = state_name(job).to_lowercase();

    if Reason::from_byte(job.reason) == Some(Reason::None) {
        state
    } else {
        format!("{state} ({})", reason_name(job))
    }
}

/// Who can read the job's content.
pub const fn visibility_name(job: &Job) -> &'static str {
    if job.is_private == 0 { "public" } else { "private: only for client, payer and node" }
}

/// The name of the job's kind.
pub fn kind_name(job: &Job) -> &'static str {
    match job.to_terms().kind {
        Kind::Batch => "batch",
        Kind::Service => "service",
        Kind::VerifiedBatch => "verified",
    }
}
