//! A client computes a result on its own machine before it pays.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_protocol::job::Kind;
use nosana_sandbox::CancelToken;
use nosana_store::Store;
use solana_address::Address;

use super::case::read_until;
use crate::execute::{Examination, Executor, sketch_seed};

/// The parts of the time that is left in which to get the model and the result, and in which to
/// end: the rest is for a challenge.
const READING_SHARE: (u32, u32) = (1, 2);
const CHECKING_SHARE: (u32, u32) = (9, 10);

/// What a client finds out about a result.
#[derive(Debug)]
pub enum CheckedResult {
    /// It was computed again.
    Examined(Examination),
    /// It cannot be had, and this machine is not the reason.
    Withheld(String),
}

/// Computes the result of a verified job again, whose challenge window ends at `window_end`. Tries
/// to read the result for half of the time that is left: a node could show it once the client has
/// given up. Ends early when it is cancelled. Blocks this thread.
///
/// # Errors
/// If this machine cannot read its definition or compute it, or not in time.
pub fn check_result(
    executor: &Executor,
    store: &Store,
    address: &Address,
    job: &Job,
    window_end: Instant,
    cancel: &CancelToken,
) -> Result<CheckedResult> {
    ensure!(
        job.to_terms().kind == Kind::VerifiedBatch,
        "the job is not verified: list it with `--verified`"
    );
    let now = Instant::now();
    let left = window_end.saturating_duration_since(now);
    let [read_by, end] = [READING_SHARE, CHECKING_SHARE].map(|(part, of)| now + left * part / of);

    let id = ContentId::from_digest(job.definition);
    let definition = store.get_definition(&id).context("cannot read the job's definition")?;
    definition.validate_verified()?;
    let _reservation = executor.reserve_if_runnable(&definition, store, read_by, cancel)?;

    let claim = match read_until(store, job, &definition, read_by, cancel) {
        Ok(claim) => claim,
        Err(error) if error.is_own_trouble() => {
            return Err(error).context("cannot read the result");
        }
        Err(error) => return Ok(CheckedResult::Withheld(error.to_string())),
    };
    let seed = sketch_seed(address.as_array());
    let cancel = cancel.ending_at(end);
    let examination = executor.examine_claim(&definition, &claim, &seed, &cancel);
    examination.map(CheckedResult::Examined)
}
