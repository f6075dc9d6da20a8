//! The resources that are reserved for the commands of all jobs on this machine. This machine must
//! not take a job that would be ended because of another job's memory: the client would pay for
//! that end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Error, Result};
use nosana_engine::ModelFile;
use nosana_fetch::CachedResource;
use nosana_job_spec::{DEFAULT_OUTPUT_BYTES, JobDefinition, Operation};
use nosana_sandbox::{HostResources, Limits, SandboxError};

use super::{limits::sandbox_limits, models::HeldMemory};

/// What is reserved for all jobs.
#[derive(Clone, Debug, Default)]
pub(super) struct Reservations(Arc<Mutex<Resources>>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Resources {
    memory_bytes: u64,
    processes: u64,
    disk_bytes: u64,
}

/// One job's part of the machine, until this is dropped.
#[derive(Debug)]
#[must_use = "dropping this releases the resources"]
pub(crate) struct Reservation {
    all: Reservations,
    reserved: Resources,
    /// The models of the job.
    _models: Vec<ModelClaim>,
    /// The resources of its containers.
    _resources: Vec<Arc<CachedResource>>,
}

/// A job may use more than this machine has, whatever else runs on it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct BeyondMachine(SandboxError);

/// What an operation needs to stay on this machine.
#[derive(Debug, Default)]
pub(super) struct OperationClaim {
    pub model: Option<ModelClaim>,
    pub resources: Vec<Arc<CachedResource>>,
}

/// A model that a job needs: it stays on this machine until this is dropped.
#[derive(Debug)]
pub(crate) struct ModelClaim {
    _file: ModelFile,
    /// The memory that a service holds for it.
    _held: Option<HeldMemory>,
}

impl ModelClaim {
    pub(super) const fn new(file: ModelFile, held: Option<HeldMemory>) -> Self {
        Self { _file: file, _held: held }
    }
}

impl OperationClaim {
    pub const fn of_model(model: ModelClaim) -> Self {
        Self { model: Some(model), resources: Vec::new() }
    }
}

impl Reservation {
    /// Keeps these models on this machine, too.
    pub(super) fn with_models(mut self, models: Vec<ModelClaim>) -> Self {
        self._models = models;
        self
    }

    /// Keeps these resources on this machine, too.
    pub(super) fn with_resources(mut self, resources: Vec<Arc<CachedResource>>) -> Self {
        self._resources = resources;
        self
    }

    fn new(all: &Reservations, reserved: Resources) -> Self {
        Self { all: all.clone(), reserved, _models: Vec::new(), _resources: Vec::new() }
    }
}

impl Reservations {
    /// Reserves resources for a job beside those that are reserved.
    ///
    /// # Errors
    /// If the machine has less left. The error names the resource, and is [`BeyondMachine`] if
    /// waiting does not help.
    pub fn reserve(&self, definition: &JobDefinition, host: &HostResources) -> Result<Reservation> {
        let required = required_resources(definition);
        required.check_machine(host)?;
        let mut reserved = self.lock_reserved();

        let left = HostResources {
            memory_bytes: host.memory_bytes.saturating_sub(reserved.memory_bytes),
            processes: host.processes.saturating_sub(reserved.processes),
            disk_bytes: host.disk_bytes.saturating_sub(reserved.disk_bytes),
            // With fewer cores than it may use, a command is only slower.
            cpus: u64::MAX,
        };
        let Resources { memory_bytes, processes, disk_bytes } = required;
        let limits = Limits { memory_bytes, processes, disk_bytes, ..Limits::default() };
        if let Err(error) = left.check_limits(&limits) {
            let is_alone = *reserved == Resources::default();
            return Err(if is_alone {
                error.into()
            } else {
                Error::new(error).context("beside the jobs that run here")
            });
        }

        reserved.add(required);
        Ok(Reservation::new(self, required))
    }

    /// Reserves resources for a job that was started before this process was, whether they are left
    /// or not.
    pub fn reserve_unchecked(&self, definition: &JobDefinition) -> Reservation {
        let required = required_resources(definition);
        self.lock_reserved().add(required);
        Reservation::new(self, required)
    }

    fn lock_reserved(&self) -> MutexGuard<'_, Resources> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resources {
    /// Fails if the whole machine has too little memory or too few processes: neither grows while
    /// this process runs, but somebody may free disk space.
    fn check_machine(&self, host: &HostResources) -> Result<(), BeyondMachine> {
        let Self { memory_bytes, processes, .. } = *self;
        let lasting =
            Limits { memory_bytes, processes, cpus: 0, disk_bytes: 0, ..Limits::default() };
        host.check_limits(&lasting).map_err(BeyondMachine)
    }

    fn add(&mut self, other: Self) {
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
        self.processes = self.processes.saturating_add(other.processes);
        self.disk_bytes = self.disk_bytes.saturating_add(other.disk_bytes);
    }

    fn subtract(&mut self, other: Self) {
        self.memory_bytes = self.memory_bytes.saturating_sub(other.memory_bytes);
        self.processes = self.processes.saturating_sub(other.processes);
        self.disk_bytes = self.disk_bytes.saturating_sub(other.disk_bytes);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.all.lock_reserved().subtract(self.reserved);
    }
}

/// The memory of this process that a long log takes at most, as a multiple of its length.
const LOG_MEMORY_FACTOR: u64 = 2;

/// Returns the most that any operation may use: operations run one after the other. The engine
/// bounds containers, and no sandbox bounds inference. A log is held in this process's memory, whose
/// reserve covers those of the default length.
fn required_resources(definition: &JobDefinition) -> Resources {
    let mut most = Resources::default();

    for requested in definition.ops.iter().filter_map(Operation::sandbox_limits) {
        let limits = sandbox_limits(requested, false);
        let log_bytes = limits.output_bytes.saturating_sub(DEFAULT_OUTPUT_BYTES);
        let log_memory_bytes = log_bytes.saturating_mul(LOG_MEMORY_FACTOR);
        let memory_bytes = limits.memory_bytes.saturating_add(log_memory_bytes);
        most.memory_bytes = most.memory_bytes.max(memory_bytes);
        most.processes = most.processes.max(limits.processes);
        most.disk_bytes = most.disk_bytes.max(limits.disk_bytes);
    }

    most
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::{CommandArgs, CommandLimits};
    use nosana_protocol::job::ReturnCause;

    use super::*;
    use crate::{
        refused::RefusedDefinitions, return_cause::find_cause, zeroed_accounts::zeroed_job,
    };

    fn job_with_memory(memory_mib: &[u64]) -> JobDefinition {
        let operation = |(index, memory_mib): (usize, &u64)| {
            let limits = CommandLimits {
                memory_mib: Some(*memory_mib),
                disk_mib: Some(1),
                ..CommandLimits::default()
            };
            Operation::CommandRun {
                id: format!("op-{index}"),
                args: CommandArgs { limits, ..CommandArgs::default() },
            }
        };
        JobDefinition::new(memory_mib.iter().enumerate().map(operation).collect())
    }

    #[test]
    fn jobs_are_added_up_and_operations_are_not() {
        let host = HostResources {
            memory_bytes: 1000 << 20,
            cpus: 1,
            processes: 10_000,
            disk_bytes: 1 << 30,
        };
        let reservations = Reservations::default();
        let alone =
            format!("{:#}", reservations.reserve(&job_with_memory(&[1001]), &host).unwrap_err());
        assert!(
            alone.starts_with("the job may use 1001 MiB of memory, this machine has 1000 MiB"),
            "{alone}"
        );
        let first = reservations.reserve(&job_with_memory(&[600, 300]), &host).unwrap();
        let second = reservations.reserve(&job_with_memory(&[400]), &host).unwrap();
        let refused =
            format!("{:#}", reservations.reserve(&job_with_memory(&[16]), &host).unwrap_err());
        assert!(refused.starts_with("beside the jobs that run here: "), "{refused}");
        // Inference uses none of this.
        drop(reservations.reserve(&job_with_memory(&[]), &host).unwrap());
        let resumed = reservations.reserve_unchecked(&job_with_memory(&[2000]));
        drop(first);
        assert!(reservations.reserve(&job_with_memory(&[16]), &host).is_err());
        drop((second, resumed));
        assert_eq!(*reservations.lock_reserved(), Resources::default());
        drop(reservations.reserve(&job_with_memory(&[1000]), &host).unwrap());
    }

    #[test]
    fn a_job_beyond_the_machine_is_remembered_and_one_beside_others_is_not() {
        let host = HostResources {
            memory_bytes: 1000 << 20,
            cpus: 1,
            processes: 10_000,
            disk_bytes: 1 << 30,
        };
        let reservations = Reservations::default();
        let running = reservations.reserve(&job_with_memory(&[100]), &host).unwrap();
        let refused = RefusedDefinitions::default();
        let job = zeroed_job();

        let beside = reservations.reserve(&job_with_memory(&[950]), &host).unwrap_err();
        let full = HostResources { disk_bytes: 0, ..host };
        let without_disk = reservations.reserve(&job_with_memory(&[16]), &full).unwrap_err();
        for error in [beside, without_disk] {
            assert_eq!(find_cause(&error), ReturnCause::NodeBusy, "{error:#}");
            refused.remember(&job, &error);
            assert!(refused.find(&job).is_none(), "{error:#}");
        }
        drop(running);

        let beyond = reservations.reserve(&job_with_memory(&[1_000_000]), &host).unwrap_err();
        assert_eq!(find_cause(&beyond), ReturnCause::Unsupported, "{beyond:#}");
        refused.remember(&job, &beyond);
        assert_eq!(refused.find(&job).map(|it| it.cause), Some(ReturnCause::Unsupported));
    }

    #[test]
    fn the_memory_of_a_long_log_is_reserved() {
        let memory_bytes = |output_bytes| {
            let limits = CommandLimits { output_bytes, ..CommandLimits::default() };
            let args = CommandArgs { limits, ..CommandArgs::default() };
            let operation = Operation::CommandRun { id: "op".to_owned(), args };
            required_resources(&JobDefinition::new(vec![operation])).memory_bytes
        };
        assert_eq!(memory_bytes(None), 2048 << 20);
        assert_eq!(memory_bytes(Some(1)), 2048 << 20);
        assert_eq!(memory_bytes(Some(64 << 20)), (2048 + 120) << 20);
    }
}
