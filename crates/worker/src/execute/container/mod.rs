//! `container/run`: a job of containers, in groups.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`group`] | the order within a group |
//! | [`operation`] | one container and its output |

mod group;
mod operation;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::Path, sync::OnceLock, time::Instant};

use anyhow::{Context, Result};
use nosana_container::{ContainerConfig, ContainerError, ContainerJob, Engine};
use nosana_job_spec::{ContainerArgs, OperationResult};
use nosana_sandbox::CancelToken;

use self::group::{Done, run_group};
pub(super) use self::operation::ContainerOperation;
use super::context::JobContext;
use crate::clock::unix_ms;

/// The container engine of this host.
#[derive(Default)]
pub(super) struct Containers {
    /// Opened by the first use that succeeds.
    engine: OnceLock<Engine>,
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

    /// Checks that this host can run such a container. Fetches the image if the host does not have
    /// it, and waits for it `until` then.
    pub fn check_container(&self, args: &ContainerArgs, until: Instant) -> Result<()> {
        let engine = self.open_engine()?;
        if args.gpu && !engine.has_gpu() {
            return Err(ContainerError::NoGpu.into());
        }

        Ok(engine.fetch_image(&args.image, until, &CancelToken::default())?)
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
        let engine = match self.open_engine() {
            Ok(engine) => engine,
            Err(error) => {
                let now = unix_ms();
                let error = format!("{error:#}");
                let fail =
                    |it: &ContainerOperation<'_>| OperationResult::failed(it.id, now, now, &error);
                return operations.iter().map(fail).collect();
            }
        };

        let job = ContainerJob::new(engine);
        let run = |operation: &ContainerOperation<'_>| operation.run_in(&job, context);
        let mut done: BTreeMap<usize, Done> = BTreeMap::new();
        for group in groups {
            let goes_on = done.values().all(|done| done.succeeded) && !context.cancel.is_ending();
            run_group(operations, group, goes_on, &mut done, &run, context);
        }

        done.into_values().map(|done| done.result).collect()
    }
}
