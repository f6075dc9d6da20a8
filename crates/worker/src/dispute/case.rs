//! A job whose result this node computes again.

use std::{
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, JobDefinition};
use nosana_protocol::job::Kind;
use nosana_sandbox::CancelToken;
use nosana_store::{Store, StoreError};
use solana_address::Address;
use tokio::task::spawn_blocking;

use crate::{
    execute::{Claim, Examination, Executor, Reservation, sketch_seed},
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

/// The work on a case without its result, as it was rehearsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rehearsal {
    /// How long it takes to examine answers that are as long as they can be.
    pub took: Duration,
    /// The sketch of a vote about a result that cannot be had.
    pub sketch: [u8; 32],
}

impl Worker {
    /// Gets everything that is needed to compute the job again.
    ///
    /// # Errors
    /// If this node cannot, for instance because the definition is not there.
    pub(super) async fn prepare_case(&self, address: Address, job: Job) -> Result<Case> {
        let case = self.fetch_case(address, job, Instant::now() + PREPARATION_TIMEOUT).await?;
        self.check_case(&case, CancelToken::default()).await?;
        Ok(case)
    }

    /// Gets the definition and the models of the job, on no device. Waits for models `until` then.
    ///
    /// # Errors
    /// If the definition is not there, or this node cannot run it.
    pub(super) async fn fetch_case(
        &self,
        address: Address,
        job: Job,
        until: Instant,
    ) -> Result<Case> {
        ensure!(job.to_terms().kind == Kind::VerifiedBatch, "the job is not verified");
        let store = self.content_store(&address);
        let executor = Arc::clone(&self.executor);

        let preparing = spawn_blocking(move || fetch_definition(&job, &store, &executor, until));
        let (definition, reservation) = preparing.await.context("the preparation crashed")??;
        let definition = Arc::new(definition);
        Ok(Case { address, job, rehearsal: None, definition, _reservation: reservation })
    }

    /// Checks that the models read all inputs of the job. Ends before the next operation when it is
    /// cancelled.
    ///
    /// # Errors
    /// If they do not, or it is cancelled.
    pub(super) async fn check_case(&self, case: &Case, cancel: CancelToken) -> Result<()> {
        let definition = Arc::clone(&case.definition);
        let executor = Arc::clone(&self.executor);

        let checking = spawn_blocking(move || executor.check_inputs(&definition, &cancel));
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

    /// Computes the job again, and compares the claim with it. Ends when it is cancelled, after the
    /// input that it then reads.
    ///
    /// # Errors
    /// If this node cannot compute it, or not in time.
    pub(super) async fn examine_case(
        &self,
        case: &Case,
        claim: Claim,
        cancel: CancelToken,
    ) -> Result<Examination> {
        let seed = sketch_seed(case.address.as_array());
        let definition = Arc::clone(&case.definition);
        let executor = Arc::clone(&self.executor);

        let examining =
            spawn_blocking(move || executor.examine_claim(&definition, &claim, &seed, &cancel));
        examining.await.context("the examination crashed")?
    }
}

/// Reads the result of a job. Tries again `until` then if it cannot be had, unless it is cancelled.
/// Blocks this thread.
///
/// # Errors
/// If it still cannot be had.
pub(super) fn read_until(
    store: &Store,
    job: &Job,
    definition: &JobDefinition,
    until: Instant,
    cancel: &CancelToken,
) -> Result<Claim, StoreError> {
    let id = ContentId::from_digest(job.definition);
    let result = ContentId::from_digest(job.result);

    loop {
        let attempt_end = until.min(Instant::now() + ATTEMPT_TIME);
        let store = store.clone().with_deadline(attempt_end);
        match Claim::read(&store, &id, definition, &result, may_be_cut(job)) {
            Err(error) if Instant::now() + RETRY_DELAY < until && !cancel.is_cancelled() => {
                tracing::debug!(%error, "the result cannot be had yet");
                sleep(RETRY_DELAY);
            }
            read => return read,
        }
    }
}

fn fetch_definition(
    job: &Job,
    store: &Store,
    executor: &Executor,
    until: Instant,
) -> Result<(JobDefinition, Reservation)> {
    let id = ContentId::from_digest(job.definition);
    let soon = store.clone().with_deadline(Instant::now() + DEFINITION_TIMEOUT);
    let definition = soon.get_definition(&id).context("cannot read the job's definition")?;
    definition.validate_verified()?;

    let reservation = executor.reserve_if_runnable(&definition, store, until)?;
    Ok((definition, reservation))
}
