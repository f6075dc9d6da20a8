//! `container/run`: a job of containers, in groups.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`group`] | the order within a group |
//! | [`readiness`] | whether an operation may begin |
//! | [`operation`], [`report`] | one container; its output |
//! | [`rerun`], [`restarts`] | runs it again after it has ended; whether, and when |
//! | [`done`] | what others learn of one that has ended |
//! | [`resources`] | files that are fetched for containers |
//! | [`node_needs`] | whether this machine has what a container needs |
//! | [`values`] | values of other operations |

mod done;
mod group;
mod node_needs;
mod operation;
mod readiness;
mod report;
mod rerun;
pub(super) mod resources;
mod restarts;
#[cfg(test)]
mod tests;
mod values;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use nosana_container::{ContainerConfig, ContainerError, ContainerJob, Engine};
use nosana_fetch::CachedResource;
use nosana_job_spec::{ContainerArgs, OperationResult, PlacedResource, place_resources};
use nosana_sandbox::CancelToken;

pub(super) use self::operation::ContainerOperation;
use self::{
    done::Done,
    group::{FilledArgs, run_group},
    node_needs::check_needs,
    resources::Resources,
    values::uses_hosts,
};
use super::{context::JobContext, fetch_places::UNWAITED_TIME, models::MemoryBudget};
use crate::clock::unix_ms;

/// The longest time to wait for a resource while the job runs.
const MAX_FETCH_TIME: Duration = Duration::from_secs(86_400);

/// How often a job that waits for an image notes that it waits for its resources as well.
const NOTE_INTERVAL: Duration = Duration::from_secs(30);
const _: () = assert!(NOTE_INTERVAL.as_secs() < UNWAITED_TIME.as_secs());

/// The container engine of this host.
#[derive(Default)]
pub(super) struct Containers {
    /// Opened by the first use that succeeds.
    engine: OnceLock<Engine>,
    pub(super) resources: Resources,
}

impl Containers {
    /// Returns the engine.
    ///
    /// # Errors
    /// If this host has no engine that works. The error names what the owner can change.
    pub fn open_engine(&self) -> Result<&Engine> {
        if let Some(engine) = self.engine.get() {
            return Ok(engine);
        }

        let engine =
            Engine::open(ContainerConfig::from_env()).context("this node cannot run containers")?;
        tracing::info!("containers run in {} {}", engine.kind(), engine.version());
        if let Some(notice) = engine.runtime_notice() {
            tracing::warn!("{notice}; name a runtime with NOSANA_CONTAINER_RUNTIME");
        }
        Ok(self.engine.get_or_init(|| engine))
    }

    /// Returns the engine's storage, if the engine is known to work and keeps it on this machine.
    pub fn storage_folder(&self) -> Option<&Path> {
        self.engine.get()?.storage_folder()
    }

    /// Checks that this host can run such a container. Fetches the image and the resources that the
    /// host does not have, and waits for them `until` then. The resources stay until the returned
    /// value is dropped. `memory` is that of the smallest GPU.
    pub fn check_container(
        &self,
        args: &ContainerArgs,
        memory: &MemoryBudget,
        until: Instant,
    ) -> Result<Vec<Arc<CachedResource>>> {
        let engine = self.open_engine()?;
        check_needs(&args.needs, memory)?;
        if args.gpu && !engine.has_gpu() {
            return Err(ContainerError::NoGpu.into());
        }
        let ports: Vec<u16> = args.expose.iter().map(|port| port.port).collect();
        engine.check_ports(&ports)?;

        let placed = place_resources(&args.resources);
        self.resources.begin_fetches(&placed)?;
        self.wait_for_image(&placed, until, |until| {
            engine.fetch_image(&args.image, until, &CancelToken::default())
        })?;
        self.resources.prepare_resources(&placed, until, &|| Ok(()))
    }

    /// Returns once `fetch_image`, which gets the time until which it may wait, has got the image.
    /// The job waits for its resources meanwhile: their fetches do not make place for others.
    fn wait_for_image(
        &self,
        resources: &[PlacedResource],
        until: Instant,
        fetch_image: impl Fn(Instant) -> Result<(), ContainerError>,
    ) -> Result<()> {
        loop {
            self.resources.note_waits(resources)?;
            match fetch_image(until.min(Instant::now() + NOTE_INTERVAL)) {
                Err(ContainerError::Fetching(_)) if Instant::now() < until => {}
                fetched => return Ok(fetched?),
            }
        }
    }

    /// Prepares a job, whose containers share a network if any names the host of another.
    fn open_job(&self, operations: &[ContainerOperation<'_>]) -> Result<ContainerJob<'_>> {
        let job = ContainerJob::new(self.open_engine()?);

        if operations.iter().any(uses_hosts) {
            let ports = operations.iter().flat_map(|operation| &operation.args.expose);
            let ports: Vec<u16> = ports.map(|port| port.port).collect();
            job.share_network(&ports).context("cannot connect the containers of the job")?;
        }
        Ok(job)
    }

    /// Returns the resources of a container. They are here, unless the node was started again while
    /// the job ran.
    fn hold_resources(
        &self,
        args: &ContainerArgs,
        context: JobContext<'_>,
    ) -> Result<Vec<Arc<CachedResource>>> {
        let until = Instant::now() + MAX_FETCH_TIME;
        let check = || -> Result<()> {
            ensure!(!context.cancel.is_ending(), ContainerError::Cancelled);
            Ok(())
        };
        self.resources.prepare_resources(&place_resources(&args.resources), until, &check)
    }

    /// Runs all operations of a job of containers, whose positions `groups` lists. A group begins
    /// once the one before it has succeeded. An operation whose dependencies have not succeeded is
    /// skipped, as its output shows.
    pub fn execute_containers(
        &self,
        operations: &[ContainerOperation<'_>],
        groups: &[Vec<usize>],
        context: JobContext<'_>,
    ) -> Vec<OperationResult> {
        let job = match self.open_job(operations) {
            Ok(job) => job,
            Err(error) => {
                let now = unix_ms();
                let error = format!("{error:#}");
                let fail =
                    |it: &ContainerOperation<'_>| OperationResult::failed(it.id, now, now, &error);
                return operations.iter().map(fail).collect();
            }
        };

        let run = |operation: &ContainerOperation<'_>, args: FilledArgs, own: JobContext<'_>| {
            let held = self.hold_resources(operation.args, own);
            let ran = held.and_then(|held| operation.run_in(&job, &args, &held, own));
            ran.or_else(|error| operation.excuse_stop(error, own))
        };
        let mut done: BTreeMap<usize, Done> = BTreeMap::new();
        for group in groups {
            let goes_on = done.values().all(|done| done.succeeded) && !context.cancel.is_ending();
            run_group(operations, group, goes_on, &mut done, &run, context);
        }

        done.into_values().map(|done| done.result).collect()
    }
}
