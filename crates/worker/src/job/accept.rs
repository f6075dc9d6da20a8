//! Accepts a job: reads its definition and checks that this node can run it.

use std::{
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Error, Result, anyhow};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, JobDefinition};
use nosana_protocol::job::Kind;
use nosana_sandbox::CancelToken;
use nosana_store::{Store, StoreError};
use solana_address::Address;
use tokio::{task::spawn_blocking, time::timeout};

use super::{execution::BatchRun, heartbeat::HeartbeatSender};
use crate::{
    execute::{Executor, Reservation},
    kept_devices::JobOnDevice,
    worker::Worker,
};

/// Extra time for the check to return its own, more specific timeout error.
const ERROR_GRACE: Duration = Duration::from_millis(500);

/// Longest time to wait for a job's definition.
const DEFINITION_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause between two reads of a resumed job's definition.
const RESUME_RETRY_DELAY: Duration = Duration::from_secs(1);

/// A definition that this node runs.
pub(super) struct Accepted {
    /// The validated definition.
    pub definition: Arc<JobDefinition>,
    /// Its operations, if they began with `start`.
    pub early: Option<BatchRun>,
    /// The job's part of the machine, until this is dropped.
    _reservation: Reservation,
    /// Its use of a device.
    _on_device: Option<JobOnDevice>,
}

impl Accepted {
    fn new(definition: JobDefinition, reservation: Reservation) -> Self {
        let definition = Arc::new(definition);
        Self { definition, early: None, _reservation: reservation, _on_device: None }
    }

    fn with_device(self, on_device: Option<JobOnDevice>) -> Self {
        Self { _on_device: on_device, ..self }
    }
}

impl Worker {
    /// Accepts the definition within half of the time in which the job must start: a slow source of
    /// the definition must not make this node late, since a late start costs a penalty. The inner
    /// error is the reason to give the job back. That is also a disputed result which this node has
    /// to judge on the last device.
    pub(super) async fn accept_in_time(
        &self,
        address: Address,
        job: &Job,
    ) -> Result<Result<Accepted>> {
        if let Some(refused) = self.refused.find(job) {
            return Ok(Err(refused.into()));
        }

        let limit = Duration::from_secs(u64::from(job.start_seconds) / 2);
        let until = Instant::now() + limit;
        let store = match self.input_store(&address, job) {
            Ok(store) => store.with_deadline(until),
            Err(error) => return Ok(Err(error)),
        };
        let job = *job;
        let executor = Arc::clone(&self.executor);
        let accepting = spawn_blocking(move || accept_definition(&job, &store, &executor, until));

        // Prefer the check's own error to the generic timeout.
        match timeout(limit + ERROR_GRACE, accepting).await {
            Ok(accepted) => {
                let accepted = accepted?;
                if let Err(error) = &accepted {
                    self.refused.remember(&job, error);
                }
                Ok(accepted.and_then(|accepted| self.take_device(accepted, &job)))
            }
            Err(_) => Ok(Err(anyhow!(
                "the job's definition could not be read and checked within {} s",
                limit.as_secs()
            ))),
        }
    }

    fn take_device(&self, accepted: Accepted, job: &Job) -> Result<Accepted> {
        let on_device = self.kept_devices.begin_job(&accepted.definition, job.is_service())?;
        Ok(accepted.with_device(on_device))
    }

    /// Reads the definition of a job that was started before this process was. The inner error: the
    /// definition cannot be read.
    pub(super) async fn resume_job(&self, address: Address, job: &Job) -> Result<Result<Accepted>> {
        let store = match self.input_store(&address, job) {
            Ok(store) => store,
            Err(error) => return Ok(Err(error)),
        };
        let job = *job;
        let executor = Arc::clone(&self.executor);
        let resumed = spawn_blocking(move || resume_definition(&job, &store, &executor)).await?;
        Ok(resumed.map(|accepted| {
            let kept = &self.kept_devices;
            let on_device = kept.resume_job(&accepted.definition, job.is_service());
            accepted.with_device(on_device)
        }))
    }
}

/// Reads a job's definition and checks that this node can run it. Fetches the inputs of its
/// commands and the images of its containers, so that a slow download cannot cost the node a run
/// after the start. Waits for images `until` then.
///
/// # Errors
/// If the job has to go back: its definition or an input is missing, damaged or not valid, or it
/// requires something that this node does not have.
fn accept_definition(
    job: &Job,
    store: &Store,
    executor: &Executor,
    until: Instant,
) -> Result<Accepted> {
    // A definition is small: one that does not arrive soon is not published.
    let soon = until.min(Instant::now() + DEFINITION_TIMEOUT);
    let definition = load_definition(job, &store.clone().with_deadline(soon))?;
    match job.to_terms().kind {
        Kind::Service => definition.validate_service()?,
        Kind::Batch => definition.validate_batch()?,
        Kind::VerifiedBatch => definition.validate_verified()?,
    }

    let cancel = CancelToken::default();
    let reservation = executor.reserve_if_runnable(&definition, store, until, &cancel)?;
    Ok(Accepted::new(definition, reservation))
}

/// Reads the definition of a job that was started before this process was, and reserves its
/// resources without a check.
///
/// Reads it again while the IPFS node does not deliver it: giving back a job that runs costs its
/// pay, and that node may be starting together with this one. Stops after the pause between two
/// heartbeats, because the first heartbeat follows.
fn resume_definition(job: &Job, store: &Store, executor: &Executor) -> Result<Accepted> {
    let until = Instant::now() + HeartbeatSender::new(Address::default(), job).interval();
    let store = store.clone().with_deadline(until);

    let definition = loop {
        match load_definition(job, &store) {
            Err(error) if is_unavailable(&error) && Instant::now() + RESUME_RETRY_DELAY < until => {
                sleep(RESUME_RETRY_DELAY);
            }
            definition => break definition?,
        }
    };

    let reservation = executor.reserve_unchecked(&definition);
    Ok(Accepted::new(definition, reservation))
}

/// Returns whether a later read may succeed.
fn is_unavailable(error: &Error) -> bool {
    matches!(
        error.downcast_ref::<StoreError>(),
        Some(
            StoreError::NotFound { .. }
                | StoreError::Ipfs { .. }
                | StoreError::Source { .. }
                | StoreError::Unable { .. }
        )
    )
}

fn load_definition(job: &Job, store: &Store) -> Result<JobDefinition> {
    let id = ContentId::from_digest(job.definition);
    store.get_definition(&id).context("cannot read the job's definition")
}

#[cfg(test)]
mod tests {
    use nosana_engine::{ALL_MINILM_L6_V2, Device, DeviceChoice, ModelStore};
    use nosana_job_spec::{CommandArgs, InferenceArgs, Operation, Step, StepCommand, Task};
    use nosana_protocol::job::ReturnCause;
    use nosana_sandbox::SandboxConfig;

    use super::*;
    use crate::{return_cause::find_cause, zeroed_accounts::zeroed_job};

    /// A node with the model of the tests.
    fn open_executor() -> Executor {
        let gpus = Device::open_chosen(&DeviceChoice::Numbers(vec![0])).unwrap();
        let models = ModelStore::in_user_cache().unwrap();
        models.ensure(&ALL_MINILM_L6_V2).unwrap();
        Executor::with_sandbox(gpus, models, SandboxConfig::default()).unwrap()
    }

    fn inference() -> Operation {
        let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, ["a text"]);
        Operation::InferenceRun { id: "embed".into(), args }
    }

    fn command() -> Operation {
        let step = Step {
            name: "echo".into(),
            run: StepCommand::Line("echo 1".into()),
            shell: None,
            timeout_seconds: None,
        };
        let args = CommandArgs { steps: vec![step], ..CommandArgs::default() };
        Operation::CommandRun { id: "command".into(), args }
    }

    #[test]
    fn only_missing_content_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let read = |digest| load_definition(&Job { definition: digest, ..zeroed_job() }, &store);

        let missing = read([9; 32]).unwrap_err();
        assert!(is_unavailable(&missing), "{missing:#}");

        let invalid = store.put(b"not a definition").unwrap();
        let error = read(invalid.digest()).unwrap_err();
        assert!(!is_unavailable(&error), "{error:#}");
    }

    #[test]
    fn a_verified_job_with_a_command_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        let executor = open_executor();
        let accept = |operations: Vec<Operation>| {
            let definition = store.put_json(&JobDefinition::new(operations)).unwrap().digest();
            let job = Job { definition, kind: Kind::VerifiedBatch as u8, ..zeroed_job() };
            let until = Instant::now() + DEFINITION_TIMEOUT;
            accept_definition(&job, &store, &executor, until).map(drop)
        };

        accept(vec![inference()]).unwrap();
        for operations in [vec![command()], vec![inference(), command()]] {
            let error = accept(operations).unwrap_err();
            assert_eq!(find_cause(&error), ReturnCause::DefinitionInvalid, "{error:#}");
            assert!(format!("{error:#}").contains("cannot be verified"), "{error:#}");
        }
    }
}
