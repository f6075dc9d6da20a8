//! Executes the operations of a job. Nothing here depends on a marketplace.
//!
//! One file for each type of operation; the matches on the type are exhaustive and only here.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`executor`] | the GPUs, the sandbox and the container engine |
//! | [`capabilities`] | what they can run |
//! | [`inference`], [`device_pool`] | models, on one GPU each time |
//! | [`examine`] | results, computed again |
//! | [`serve`] | models that answer requests until their service ends |
//! | [`models`], [`loaded_models`] | fetching models; those that are loaded on a GPU |
//! | [`fetch_places`] | which fetches of models and resources jobs wait for |
//! | [`command`] | steps in a sandbox |
//! | [`container`] | containers in groups |
//! | [`reservation`], [`limits`] | what jobs may use of this machine |

mod capabilities;
mod command;
mod container;
mod context;
mod device_pool;
mod examine;
mod executor;
mod fetch_places;
mod inference;
mod limits;
mod loaded_models;
mod models;
mod reservation;
mod serve;

use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use nosana_engine::{Device, DeviceInfo};
use nosana_job_spec::{
    ContentId, JobDefinition, JobResult, Operation, OperationResult, plan_stages,
};
use nosana_sandbox::CancelToken;
use nosana_store::Store;

use self::{
    command::{check_command, execute_command},
    container::ContainerOperation,
    context::JobContext,
    device_pool::engine_info,
    models::ModelUse,
    reservation::{ModelClaim, OperationClaim},
};
pub(crate) use self::{
    device_pool::Precedence,
    examine::{Claim, depends_on_claim},
    reservation::{BeyondMachine, Reservation},
};
pub use self::{
    examine::{Examination, ResultComparison},
    executor::Executor,
};
use crate::{clock::unix_ms, live_jobs::LiveRun};

impl Executor {
    /// Checks that this node can run a definition, before the job starts, so that a refusal costs
    /// nothing. Fetches the inputs of commands from `store` and unpacks them once; fetches missing
    /// images and models and waits for them `until` then; for models also until it is cancelled.
    /// Reserves what the job may use until the returned value is dropped.
    ///
    /// # Errors
    /// If the node cannot run an operation, the machine has too little left, or it is cancelled.
    /// The error names the operation or the resource.
    pub(crate) fn reserve_if_runnable(
        &self,
        definition: &JobDefinition,
        store: &Store,
        until: Instant,
        cancel: &CancelToken,
    ) -> Result<Reservation> {
        let mut models = Vec::new();
        let mut resources = Vec::new();
        for operation in &definition.ops {
            let claim = self
                .check_operation(operation, store, until, cancel)
                .with_context(|| format!("operation `{}`", operation.id()))?;
            models.extend(claim.model);
            resources.extend(claim.resources);
        }

        let reservation = match self.opened_sandbox() {
            Some(sandbox) => self.reservations.reserve(definition, &sandbox.host_resources())?,
            None => self.reservations.reserve_unchecked(definition),
        };
        Ok(reservation.with_models(models).with_resources(resources))
    }

    /// Reserves what a job may use that was started before this process was: such a job cannot be
    /// refused.
    pub(crate) fn reserve_unchecked(&self, definition: &JobDefinition) -> Reservation {
        self.reservations.reserve_unchecked(definition)
    }

    /// Returns what the operation needs to stay on this machine.
    fn check_operation(
        &self,
        operation: &Operation,
        store: &Store,
        until: Instant,
        cancel: &CancelToken,
    ) -> Result<OperationClaim> {
        nosana_engine::check_operation(operation)?;

        match operation {
            Operation::InferenceRun { args, .. } => {
                let memory = self.devices.smallest_memory()?;
                let wanted = ModelUse::of_run(args);
                let check_cancel = || {
                    ensure!(!cancel.is_cancelled(), "it was cancelled");
                    Ok(())
                };
                let model = self.models.prepare_model(&wanted, memory, until, check_cancel)?;
                return Ok(OperationClaim::of_model(ModelClaim::new(model.file, None)));
            }
            Operation::InferenceServe { args, .. } => {
                return self.claim_served_model(args, until).map(OperationClaim::of_model);
            }
            Operation::CommandRun { args, .. } => check_command(self.open_sandbox()?, args, store)?,
            Operation::ContainerRun { args, .. } => {
                let memory = self.devices.smallest_memory()?;
                let resources = self.containers.check_container(args, memory, until)?;
                return Ok(OperationClaim { model: None, resources });
            }
        }
        Ok(OperationClaim::default())
    }

    /// Executes the definition with the identifier `id`. `run` receives what it prints, and how its
    /// ports are reached. A service runs until it ends or `cancel` ends it, and its result is what
    /// it did until then.
    ///
    /// # Errors
    /// If it is cancelled, or if any operation fails: a node must not be paid for a result without
    /// content.
    pub fn execute_definition(
        &self,
        definition: &JobDefinition,
        id: ContentId,
        store: &Store,
        cancel: &CancelToken,
        run: &LiveRun,
    ) -> Result<JobResult> {
        let context = JobContext { store, cancel, run };
        let result = self.execute_operations(definition, id, context)?;

        result.validate(definition)?;
        let failed = result.ops.iter().find_map(|op| Some((&op.id, op.error.as_ref()?)));
        if let Some((id, error)) = failed {
            bail!("operation `{id}` failed: {error}");
        }
        Ok(result)
    }

    /// Executes the definition with the identifier `id` outside a marketplace.
    ///
    /// # Errors
    /// If it is cancelled. An operation that fails is part of the result.
    pub fn run(
        &self,
        definition: &JobDefinition,
        id: ContentId,
        store: &Store,
        cancel: &CancelToken,
    ) -> Result<JobResult> {
        let run = LiveRun::batch(definition);
        self.execute_operations(definition, id, JobContext { store, cancel, run: &run })
    }

    fn execute_operations(
        &self,
        definition: &JobDefinition,
        id: ContentId,
        context: JobContext<'_>,
    ) -> Result<JobResult> {
        let mut used = Vec::new();
        let results = match container_operations(definition) {
            Some(operations) => {
                let groups = plan_stages(&definition.ops);
                self.containers.execute_containers(&operations, &groups, context)
            }
            None => self.execute_in_order(definition, context, &mut used)?,
        };

        // An operation that was cancelled has not failed.
        ensure!(!context.cancel.is_cancelled(), "it was cancelled");
        let engine = engine_info(used, self.gpus().next().map(Device::info));
        Ok(JobResult::new(id, results, engine).with_salt(definition.salt))
    }

    /// Executes one operation after the other. Adds the devices that ran them to `used`.
    fn execute_in_order<'a>(
        &'a self,
        definition: &JobDefinition,
        context: JobContext<'_>,
        used: &mut Vec<&'a DeviceInfo>,
    ) -> Result<Vec<OperationResult>> {
        let mut results = Vec::with_capacity(definition.ops.len());

        for operation in &definition.ops {
            ensure!(!context.cancel.is_cancelled(), "it was cancelled");
            let started = unix_ms();
            let output = self.execute_operation(operation, context, used);
            results.push(context.conclude_operation(operation.id(), started, output));
        }

        Ok(results)
    }

    fn execute_operation<'a>(
        &'a self,
        operation: &Operation,
        context: JobContext<'_>,
        used: &mut Vec<&'a DeviceInfo>,
    ) -> Result<ContentId> {
        match operation {
            Operation::InferenceRun { id, args } => {
                context.run.add_note(format_args!("{id} runs {} input(s)", args.inputs.len()));
                let (output, gpu) = self.devices.execute_inference(args, context)?;
                used.push(gpu.info());
                Ok(output)
            }
            Operation::InferenceServe { id, args } => {
                let (output, gpu) = self.devices.serve_model(id, args, context)?;
                used.push(gpu.info());
                Ok(output)
            }
            Operation::CommandRun { id, args } => {
                let output = execute_command(self.open_sandbox()?, id, args, context)?;
                Ok(context.put_json(&output)?)
            }
            // A validated definition has containers alone or none.
            Operation::ContainerRun { .. } => Err(anyhow!("containers run in jobs of their own")),
        }
    }
}

/// Returns the containers of a job; `None` if the job has other operations.
fn container_operations(definition: &JobDefinition) -> Option<Vec<ContainerOperation<'_>>> {
    let operations = definition.ops.iter();
    operations.map(|operation| as_container(operation, &definition.ops)).collect()
}

fn as_container<'a>(
    operation: &'a Operation,
    operations: &'a [Operation],
) -> Option<ContainerOperation<'a>> {
    match operation {
        Operation::ContainerRun { id, args, results, .. } => {
            let dependencies = operation.dependencies(operations);
            let served = operation.served_operations();
            Some(ContainerOperation { id, args, results, dependencies, served })
        }
        Operation::InferenceRun { .. }
        | Operation::InferenceServe { .. }
        | Operation::CommandRun { .. } => None,
    }
}
