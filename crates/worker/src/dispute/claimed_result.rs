//! A client reads a result that it does not compute, to compare it with that of a twin.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_protocol::job::Kind;
use nosana_sandbox::CancelToken;
use nosana_store::Store;

use super::case::read_until;
use crate::execute::{Claim, ResultComparison};

/// The result of a verified job, as its node claims it.
#[derive(Clone, Debug)]
pub struct ClaimedResult {
    claim: Claim,
}

/// What reading a result came to.
#[derive(Clone, Debug)]
pub enum ResultReading {
    /// It was read.
    Read(ClaimedResult),
    /// It cannot be had, and this machine is not the reason.
    Withheld(String),
}

impl ClaimedResult {
    /// Returns what is wrong with it whatever the model says; empty if nothing is.
    pub fn find_faults(&self) -> Vec<String> {
        self.claim.find_plain_faults()
    }

    /// Returns the operations that failed, as the node says. That can be true of any node, such as
    /// for a text that is longer than the model reads; then no panelist can judge it.
    pub fn list_failures(&self) -> &[String] {
        self.claim.failures()
    }

    /// Compares it with the result of a twin: of a job with the same operations. Both must have no
    /// fault by themselves.
    pub fn compare_with(&self, twin: &Self) -> ResultComparison {
        self.claim.compare_with(&twin.claim)
    }
}

/// Reads the result of a verified job. Tries again `until` then if it cannot be had, unless it is
/// cancelled. Blocks this thread.
///
/// # Errors
/// If this machine cannot read definition or result.
pub fn read_result(
    store: &Store,
    job: &Job,
    until: Instant,
    cancel: &CancelToken,
) -> Result<ResultReading> {
    ensure!(
        job.to_terms().kind == Kind::VerifiedBatch,
        "the job is not verified: list it with `--verified`"
    );

    let id = ContentId::from_digest(job.definition);
    let definition = store.get_definition(&id).context("cannot read the job's definition")?;
    definition.validate_verified()?;

    match read_until(store, job, &definition, until, cancel) {
        Ok(claim) => Ok(ResultReading::Read(ClaimedResult { claim })),
        Err(error) if error.is_own_trouble() => Err(error).context("cannot read the result"),
        Err(error) => Ok(ResultReading::Withheld(error.to_string())),
    }
}
