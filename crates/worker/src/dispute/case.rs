//! A job whose result this node computes again.

use std::{
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_engine::{Sketch, sketch_seed};
use nosana_job_spec::{ContentId, JobDefinition};
use nosana_protocol::job::Kind;
use nosana_sandbox::CancelToken;
use nosana_store::{Store, StoreError};
use solana_address::Address;
use tokio::task::spawn_blocking;

use super::failed_attempts::FailedAttempts;
use crate::{
    execute::{Claim, Examination, Executor, Precedence, Reservation, depends_on_claim},
    job::may_be_cut,
    worker::Worker,
};

/// Longest time to wait for definition and model.
const PREPARATION_TIMEOUT: Duration = Duration::from_secs(3_600);
/// Longest time to wait for a definition.
const DEFINITION_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest time of one attempt to read a result: the next one also looks into the store's folder.
const ATTEMPT_TIME: Duration = Duration::from_secs(30);
/// The pause between two attempts to read a result.
const RETRY_DELAY: Duration = Duration::from_secs(2);
/// No further attempt begins with less time than this: it could only fail, for want of time.
const LEAST_ATTEMPT: Duration = Duration::from_secs(2);

/// A job, its definition, and the models that it needs.
pub(super) struct Case {
    /// The job.
    pub address: Address,
    /// Its account, with a result.
    pub job: Job,
    /// What the work takes here, if it was rehearsed.
    pub rehearsal: Option<Rehearsal>,
    pub definition: Arc<JobDefinition>,
    _reservation: Reservation,
}

/// Where the models of a case come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModelOrigin {
    /// They are fetched if they are not on this machine.
    Anywhere,
    /// They are on this machine.
    Cache,
}

/// The work on a case without its result, as it was rehearsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rehearsal {
    /// How long it takes to examine answers that are as long as they can be.
    pub took: Duration,
    /// The sketch of the inputs alone, which a vote for Wrong carries.
    pub input_sketch: Sketch,
}

impl Case {
    /// Whether the sketch of the work depends on the result.
    pub fn depends_on_claim(&self) -> bool {
        depends_on_claim(&self.definition)
    }

    /// What chooses the directions of its sketches.
    fn find_seed(&self) -> [u8; 32] {
        sketch_seed(self.address.as_array(), &self.job.result)
    }

    /// Returns the sketch of the inputs alone if the work was rehearsed.
    fn known_sketch(&self) -> Option<Sketch> {
        self.rehearsal.map(|work| work.input_sketch)
    }
}

impl Worker {
    /// Gets everything that is needed to compute the job again.
    ///
    /// # Errors
    /// If this node cannot, for instance because the definition is not there.
    pub(super) async fn prepare_case(&self, address: Address, job: Job) -> Result<Case> {
        let cancel = CancelToken::default();
        let case = self.fetch_case(address, job, ModelOrigin::Anywhere, cancel.clone()).await?;
        self.check_case(&case, Precedence::InOrder, cancel).await?;
        Ok(case)
    }

    /// Gets the definition and the models of the job, on no device. Waits for models until it is
    /// cancelled.
    ///
    /// # Errors
    /// If the definition is not there, this node cannot run it, or it is cancelled.
    pub(super) async fn fetch_case(
        &self,
        address: Address,
        job: Job,
        origin: ModelOrigin,
        cancel: CancelToken,
    ) -> Result<Case> {
        ensure!(job.to_terms().kind == Kind::VerifiedBatch, "the job is not verified");
        let store = self.content_store(&address);
        let executor = Arc::clone(&self.executor);

        let preparing =
            spawn_blocking(move || fetch_definition(&job, &store, &executor, origin, &cancel));
        let (definition, reservation) = preparing.await.context("the preparation crashed")??;
        let definition = Arc::new(definition);
        Ok(Case { address, job, rehearsal: None, definition, _reservation: reservation })
    }

    /// Checks that the models read all inputs of the job. Ends before the next operation when it is
    /// cancelled.
    ///
    /// # Errors
    /// If they do not, or it is cancelled.
    pub(super) async fn check_case(
        &self,
        case: &Case,
        precedence: Precedence,
        cancel: CancelToken,
    ) -> Result<()> {
        let definition = Arc::clone(&case.definition);
        let executor = Arc::clone(&self.executor);

        let checking =
            spawn_blocking(move || executor.check_inputs(&definition, precedence, &cancel));
        checking.await.context("the check of the inputs crashed")?
    }

    /// Reads the result of the job. Tries again `until` then if it cannot be had.
    ///
    /// # Errors
    /// If it still cannot be had.
    pub(super) async fn read_claim(&self, case: &Case, until: Instant) -> Result<Claim> {
        let store = self.content_store(&case.address);
        let job = case.job;
        let definition = Arc::clone(&case.definition);

        let cancel = CancelToken::default();
        let reading = spawn_blocking(move || read_until(&store, &job, &definition, until, &cancel));
        Ok(reading.await.context("reading the result crashed")??)
    }

    /// Lets others read the definition of the job, which this node judges.
    pub(super) fn publish_definition(&self, case: &Case) {
        let definition = ContentId::from_digest(case.job.definition);
        self.publish_judged(case.address, &[definition]);
    }

    /// Lets others read the result of the job, which this node judges, and its outputs. A stranger
    /// wrote the result: what does not have the right form may be private content of this node.
    pub(super) fn publish_claim(&self, case: &Case, claim: &Claim) {
        self.publish_judged(case.address, claim.valid_contents());
    }

    /// Computes the job again, and compares the claim with it, for a vote. Ends when it is
    /// cancelled, after the input that it then reads.
    ///
    /// # Errors
    /// If this node cannot compute it, or not in time.
    pub(super) async fn judge_case(
        &self,
        case: &Case,
        claim: Claim,
        cancel: CancelToken,
    ) -> Result<Examination> {
        let seed = case.find_seed();
        let known = case.known_sketch();
        let definition = Arc::clone(&case.definition);
        let executor = Arc::clone(&self.executor);
        let judging = spawn_blocking(move || {
            executor.judge_claim(&definition, &claim, &seed, known, Precedence::First, &cancel)
        });
        judging.await.context("the judgment crashed")?
    }

    /// Returns the sketch of the inputs alone, which a vote for Wrong carries. Computes it unless
    /// it is known.
    ///
    /// # Errors
    /// If this node cannot compute it, or not in time.
    pub(super) async fn sketch_inputs(
        &self,
        case: &Case,
        precedence: Precedence,
        cancel: CancelToken,
    ) -> Result<Sketch> {
        if let Some(known) = case.known_sketch() {
            return Ok(known);
        }

        let seed = case.find_seed();
        let definition = Arc::clone(&case.definition);
        let executor = Arc::clone(&self.executor);
        let sketching =
            spawn_blocking(move || executor.sketch_inputs(&definition, &seed, precedence, &cancel));
        sketching.await.context("the sketch of the inputs crashed")?
    }

    /// Computes the job again, compares the claim with it, and sketches the work. Ends when it is
    /// cancelled, after the input that it then reads.
    ///
    /// # Errors
    /// If this node cannot compute it, or not in time.
    pub(super) async fn examine_case(
        &self,
        case: &Case,
        claim: Claim,
        precedence: Precedence,
        cancel: CancelToken,
    ) -> Result<Examination> {
        let seed = case.find_seed();
        let definition = Arc::clone(&case.definition);
        let executor = Arc::clone(&self.executor);
        let examining = spawn_blocking(move || {
            executor.examine_claim(&definition, &claim, &seed, precedence, &cancel)
        });
        examining.await.context("the examination crashed")?
    }

    /// Computes the job again without sketching the work. Returns why the claim is wrong; nothing
    /// if it is right. Ends when it is cancelled, after the input that it then reads.
    ///
    /// # Errors
    /// If this node cannot compute it, or not in time.
    pub(super) async fn find_faults(
        &self,
        case: &Case,
        claim: Claim,
        precedence: Precedence,
        cancel: CancelToken,
    ) -> Result<Vec<String>> {
        let definition = Arc::clone(&case.definition);
        let executor = Arc::clone(&self.executor);

        let examining = spawn_blocking(move || {
            executor.examine_outputs(&definition, &claim, precedence, &cancel)
        });
        examining.await.context("the examination crashed")?
    }
}

/// Reads the result of a job. Tries again `until` then if it cannot be had, unless it is cancelled.
/// Blocks this thread.
///
/// # Errors
/// If it still cannot be had. The error is trouble of this machine if the last attempt, or more
/// than half of the time, was.
pub(super) fn read_until(
    store: &Store,
    job: &Job,
    definition: &JobDefinition,
    until: Instant,
    cancel: &CancelToken,
) -> Result<Claim, StoreError> {
    let id = ContentId::from_digest(job.definition);
    let result = ContentId::from_digest(job.result);
    let mut failed = FailedAttempts::default();

    loop {
        let begun = Instant::now();
        let may_retry = || Instant::now() + RETRY_DELAY + LEAST_ATTEMPT < until;
        let store = store.clone().with_deadline(until.min(begun + ATTEMPT_TIME));
        match Claim::read(&store, &id, definition, &result, may_be_cut(job)) {
            Ok(claim) => return Ok(claim),
            Err(error) if may_retry() && !cancel.is_cancelled() => {
                tracing::debug!(%error, "the result cannot be had yet");
                sleep(RETRY_DELAY);
                failed.add_attempt(error, begun.elapsed());
            }
            Err(error) => return Err(failed.find_reason(error, begun.elapsed())),
        }
    }
}

fn fetch_definition(
    job: &Job,
    store: &Store,
    executor: &Executor,
    origin: ModelOrigin,
    cancel: &CancelToken,
) -> Result<(JobDefinition, Reservation)> {
    let until = Instant::now() + PREPARATION_TIMEOUT;
    let id = ContentId::from_digest(job.definition);
    let soon = store.clone().with_deadline(Instant::now() + DEFINITION_TIMEOUT);
    let definition = soon.get_definition(&id).context("cannot read the job's definition")?;
    definition.validate_verified()?;

    // Nothing may remove them before they are reserved.
    let _models = match origin {
        ModelOrigin::Anywhere => Vec::new(),
        ModelOrigin::Cache => executor.hold_cached_models(&definition)?,
    };
    let reservation = executor.reserve_if_runnable(&definition, store, until, cancel)?;
    Ok((definition, reservation))
}

#[cfg(test)]
mod tests;
