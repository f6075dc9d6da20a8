//! The GPUs, the sandbox and the container engine that operations run on.

use std::{path::Path, sync::OnceLock};

use anyhow::{Context, Result};
use nosana_engine::{Device, DeviceChoice, ModelStore};
use nosana_fetch::ResourceCache;
use nosana_sandbox::{Sandbox, SandboxConfig};

use super::{
    container::{Containers, resources::Resources},
    device_pool::DevicePool,
    models::Models,
    reservation::Reservations,
};

/// Runs operations on this machine. Each GPU runs one operation at a time; a caller waits while all
/// are busy. Commands run in sandboxes beside them, containers in the host's engine.
pub struct Executor {
    pub(super) devices: DevicePool,
    pub(super) models: Models,
    sandbox_config: SandboxConfig,
    /// Opened by the first use that succeeds.
    sandbox: OnceLock<Sandbox>,
    pub(super) containers: Containers,
    pub(super) reservations: Reservations,
}

impl Executor {
    /// Opens the best GPU. Fetches and loads a model when it is first used. The environment
    /// configures sandboxes (see [`SandboxConfig::from_env`]).
    ///
    /// # Errors
    /// If the machine has no GPU, or the environment's settings of sandboxes are not valid.
    pub fn open(models: ModelStore) -> Result<Self> {
        Self::open_chosen(&DeviceChoice::Best, models)
    }

    /// Like [`open`](Self::open), with the chosen GPUs.
    ///
    /// # Errors
    /// If a chosen GPU does not exist, or the environment's settings of sandboxes are not valid.
    pub fn open_chosen(gpus: &DeviceChoice, models: ModelStore) -> Result<Self> {
        Self::with_sandbox(Device::open_chosen(gpus)?, models, SandboxConfig::from_env()?)
    }

    /// Runs on these GPUs with these settings of sandboxes. A host without sandboxes runs all other
    /// operations.
    ///
    /// # Errors
    /// If `gpus` is empty.
    pub fn with_sandbox(
        gpus: Vec<Device>,
        models: ModelStore,
        sandbox_config: SandboxConfig,
    ) -> Result<Self> {
        let models = Models::new(models);
        Ok(Self {
            devices: DevicePool::new(gpus, &models)?,
            models,
            sandbox_config,
            sandbox: OnceLock::new(),
            containers: Containers::default(),
            reservations: Reservations::default(),
        })
    }

    /// Fetches resources of containers into this cache. Without one, containers have none.
    #[must_use]
    pub fn with_resources(mut self, cache: Option<ResourceCache>) -> Self {
        self.containers.resources = Resources::new(cache);
        self
    }

    /// The GPUs, the preferred one first.
    pub fn gpus(&self) -> impl Iterator<Item = &Device> {
        self.devices.gpus()
    }

    /// The folders that jobs fill on this machine: where their scratch folders are created, where
    /// the engine keeps images and containers, and where resources are kept.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        let scratch_parent = &*self.sandbox_config.scratch_parent;
        let resources = self.containers.resources.disk_folder();
        std::iter::once(scratch_parent).chain(self.containers.storage_folder()).chain(resources)
    }

    /// Loads the default model on every GPU and runs it once, since the first run compiles its
    /// shaders. Opens the sandbox and the container engine, and logs whether they work.
    ///
    /// # Errors
    /// If the default model does not run.
    pub fn warm_up(&self) -> Result<()> {
        self.devices.warm_up()?;

        if let Err(error) = self.open_sandbox() {
            tracing::warn!("{error:#}; jobs that need commands go back to the queue");
        }
        // Opening the engine takes a while, and removes the containers of a node process that died.
        if let Err(error) = self.containers.open_engine() {
            tracing::info!("{error:#}; jobs that need containers go back to the queue");
        }

        Ok(())
    }

    /// Returns the sandbox of this host.
    ///
    /// # Errors
    /// If this host has none. The error names what the owner can change.
    pub(super) fn open_sandbox(&self) -> Result<&Sandbox> {
        if let Some(sandbox) = self.sandbox.get() {
            return Ok(sandbox);
        }

        let sandbox =
            Sandbox::open(self.sandbox_config.clone()).context("this node cannot run commands")?;
        tracing::info!(enforcement = ?sandbox.enforcement(), "commands run in sandboxes");
        Ok(self.sandbox.get_or_init(|| sandbox))
    }

    /// The sandbox, if it was opened.
    pub(super) fn opened_sandbox(&self) -> Option<&Sandbox> {
        self.sandbox.get()
    }
}
