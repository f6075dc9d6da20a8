//! The operations of a job. Nothing here knows of a marketplace.

mod commands;
mod containers;
mod inference;
mod ledger;
mod pool;

pub use ledger::Reserved;

use std::{
    path::Path,
    sync::OnceLock,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use nosana_engine::{AdapterInfo, Gpu, GpuChoice, ModelStore};
use nosana_job_spec::{ContentId, JobDefinition, JobResult, Operation, OperationResult};
use nosana_sandbox::{Cancel, Live, Sandbox, SandboxConfig, SandboxError};
use nosana_store::{MAX_JSON_BYTES, Store};

/// Runs operations on this machine's GPUs, one at a time on each: a caller waits while all are
/// busy. Commands run in sandboxes beside them.
pub struct Executor {
    pool: pool::Pool,
    sandbox_config: SandboxConfig,
    /// Opened when it is first needed, and again after it could not be.
    sandbox: OnceLock<Sandbox>,
    containers: containers::Containers,
    ledger: ledger::Ledger,
}

impl Executor {
    /// Opens the GPU. Models are fetched and loaded when they are first used; sandboxes are made as
    /// the environment says (see [`SandboxConfig::from_env`]).
    pub fn open(models: ModelStore) -> Result<Self> {
        Self::on(&GpuChoice::Best, models)
    }

    /// As [`open`](Self::open), with the GPUs that are chosen.
    ///
    /// # Errors
    /// If there is no such GPU, or the environment says nothing sensible about sandboxes.
    pub fn on(gpus: &GpuChoice, models: ModelStore) -> Result<Self> {
        Self::with_sandbox(Gpu::open_chosen(gpus)?, models, SandboxConfig::from_env()?)
    }

    /// Runs on these GPUs, for a node whose owner decided this about sandboxes. A host that makes
    /// none runs all other operations.
    ///
    /// # Errors
    /// If there is no GPU among them.
    pub fn with_sandbox(
        gpus: Vec<Gpu>,
        models: ModelStore,
        sandbox_config: SandboxConfig,
    ) -> Result<Self> {
        let (pool, sandbox) = (pool::Pool::new(gpus, &models)?, OnceLock::new());
        Ok(Self {
            pool,
            sandbox_config,
            sandbox,
            containers: Default::default(),
            ledger: Default::default(),
        })
    }

    /// What sandboxes this host makes.
    ///
    /// # Errors
    /// If it makes none; the error says what its owner can change.
    pub fn sandbox(&self) -> Result<&Sandbox> {
        if let Some(sandbox) = self.sandbox.get() {
            return Ok(sandbox);
        }
        let sandbox =
            Sandbox::open(self.sandbox_config.clone()).context("this node cannot run commands")?;
        tracing::info!(enforcement = ?sandbox.enforcement(), "commands run in sandboxes");
        Ok(self.sandbox.get_or_init(|| sandbox))
    }

    /// What jobs fill on this machine: where their folders are made, and where images and
    /// containers are kept.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&*self.sandbox_config.scratch_parent).chain(self.containers.storage())
    }

    /// Whether this node can run a definition: asked before a job is started, so that a refusal
    /// costs nobody anything. Inputs of commands are fetched from `store` and put into a folder for
    /// nothing; images that are not here are waited for, `until` then. Until what is returned is
    /// dropped, no other job gets what this one may use.
    ///
    /// # Errors
    /// Says which operation it cannot run, and why, or what the machine has too little of.
    pub fn can_run(
        &self,
        definition: &JobDefinition,
        store: &Store,
        until: Instant,
    ) -> Result<Reserved> {
        for operation in &definition.ops {
            let possible = match operation {
                Operation::InferenceRun { args, .. } => {
                    nosana_engine::check_model(args).map(drop).map_err(Into::into)
                }
                Operation::CommandRun { args, .. } => self.sandbox().and_then(|sandbox| {
                    ensure!(!args.network || sandbox.gives_network(), SandboxError::NoNetwork);
                    commands::rehearse(sandbox, args, store)
                }),
                Operation::ContainerRun { args, .. } => self.containers.can_run(args, until),
            };
            possible.with_context(|| format!("operation `{}`", operation.id()))?;
        }
        match self.sandbox.get() {
            Some(sandbox) => self.ledger.reserve(definition, &sandbox.host()),
            None => Ok(self.ledger.insist(definition)),
        }
    }

    /// What [`can_run`](Self::can_run) returns, for a job that was started before this process was:
    /// it is not refused.
    pub fn reserve(&self, definition: &JobDefinition) -> Reserved {
        self.ledger.insist(definition)
    }

    /// The GPUs, in the order in which they are preferred.
    pub fn gpus(&self) -> impl Iterator<Item = &Gpu> {
        self.pool.gpus()
    }

    /// Loads the default model on every GPU and runs it once, since the first run compiles its
    /// shaders; makes a first sandbox, and tells what this host can do.
    pub fn warm_up(&self) -> Result<()> {
        self.pool.warm_up()?;
        if let Err(error) = self.sandbox() {
            tracing::warn!("{error:#}; jobs that ask for commands go back to the queue");
        }
        // Trying the engine takes a while, and clears away what containers of a node that died
        // left.
        if let Err(error) = self.containers.engine() {
            tracing::info!("{error:#}; jobs that ask for containers go back to the queue");
        }
        Ok(())
    }

    /// Reads the definition `id` from `store`, checks it, and runs it. That of a `service` runs
    /// until it ends or is ended by `cancel`, and what it did until then is its result; what it
    /// prints is seen meanwhile.
    ///
    /// # Errors
    /// If there is no valid definition, if it is cancelled, or if any operation fails: a node must
    /// not be paid for a result without content.
    pub fn run_stored(
        &self,
        id: &ContentId,
        store: &Store,
        cancel: &Cancel,
        service: Option<&Live>,
    ) -> Result<JobResult> {
        let bytes = store.get(id, MAX_JSON_BYTES).context("cannot read the job's definition")?;
        let definition =
            JobDefinition::from_json(&bytes).context("the job's definition is not valid")?;
        let result = self.run_as(&definition, *id, store, cancel, service)?;
        result.validate(&definition)?;
        if let Some((id, error)) =
            result.ops.iter().find_map(|op| Some((&op.id, op.error.as_ref()?)))
        {
            bail!("operation `{id}` failed: {error}");
        }
        Ok(result)
    }

    /// Runs a definition whose content identifier is `id`; outputs go to `store`.
    ///
    /// # Errors
    /// If it is cancelled. An operation that fails is part of the result.
    pub fn run(
        &self,
        definition: &JobDefinition,
        id: ContentId,
        store: &Store,
        cancel: &Cancel,
    ) -> Result<JobResult> {
        self.run_as(definition, id, store, cancel, None)
    }

    fn run_as(
        &self,
        definition: &JobDefinition,
        id: ContentId,
        store: &Store,
        cancel: &Cancel,
        service: Option<&Live>,
    ) -> Result<JobResult> {
        if let Some(results) = self.containers.run(&definition.ops, store, cancel, service) {
            return self.conclude(id, results, Vec::new(), cancel);
        }
        let mut used = Vec::new();
        let mut results = Vec::with_capacity(definition.ops.len());
        for operation in &definition.ops {
            ensure!(!cancel.is_cancelled(), "it was cancelled");
            let started = unix_ms();
            let output = match operation {
                Operation::InferenceRun { args, .. } => {
                    self.pool.run(args, store, cancel).map(|(output, gpu)| {
                        used.push(gpu.info());
                        output
                    })
                }
                Operation::CommandRun { args, .. } => self
                    .sandbox()
                    .and_then(|sandbox| commands::run(sandbox, args, store, cancel, service))
                    .and_then(|output| Ok(store.put_json(&output)?)),
                Operation::ContainerRun { .. } => {
                    Err(anyhow!("containers run in jobs of their own"))
                }
            };
            let ended = unix_ms();
            results.push(match output {
                Ok(output) => OperationResult::ok(operation.id(), started, ended, output),
                Err(error) => {
                    OperationResult::failed(operation.id(), started, ended, format!("{error:#}"))
                }
            });
        }
        self.conclude(id, results, used, cancel)
    }

    fn conclude(
        &self,
        id: ContentId,
        results: Vec<OperationResult>,
        used: Vec<&AdapterInfo>,
        cancel: &Cancel,
    ) -> Result<JobResult> {
        // What was cut off is no failure of the operation.
        ensure!(!cancel.is_cancelled(), "it was cancelled");
        Ok(JobResult::new(id, results, pool::engine(used, self.gpus().next().map(Gpu::info))))
    }
}

/// Milliseconds since 1970 by this machine's clock.
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
