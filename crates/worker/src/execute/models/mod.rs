//! The models of jobs: fetched and tried before a job starts, so that a slow download or a file
//! that lies costs the node no run.

mod memory;
mod model_use;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use nosana_engine::{
    ContextSize, EngineError, ModelFile, ModelHeader, ModelStore, ModelTrial, find_model,
};
use nosana_job_spec::ModelDigest;
use nosana_sandbox::{SharedTask, SharedTasks};

use super::fetch_places::FetchPlaces;

pub(super) use self::memory::BYTES_PER_MIB;
pub(super) use self::{
    memory::{HeldMemory, MemoryBudget},
    model_use::ModelUse,
};

/// How often those who wait for a model check whether they must end.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// How many models are fetched at a time; further ones wait.
const MAX_FETCHES: usize = 2;
/// The most headers that are kept.
const MAX_HEADERS: usize = 64;

type Fetches = SharedTasks<ModelDigest, Arc<EngineError>>;

/// The folder of models, with what is fetched into it. Clones share it.
#[derive(Clone)]
pub(super) struct Models {
    store: ModelStore,
    /// The models that are fetched at the moment, shared by all jobs.
    fetches: Arc<Fetches>,
    /// Which of them jobs wait for.
    places: FetchPlaces,
    /// Found when the first model of a stranger is fetched.
    trial: Arc<OnceLock<ModelTrial>>,
    /// The headers that were read.
    headers: Arc<Mutex<BTreeMap<ModelDigest, Arc<ModelHeader>>>>,
}

/// The fetch of a model, which may have begun for another job.
struct StartedFetch {
    task: Arc<SharedTask<Arc<EngineError>>>,
    /// Whether it asks the sources of this job.
    is_own: bool,
}

/// A model that can be loaded.
pub(super) struct PreparedModel {
    /// The file; it stays on this machine as long as this is held.
    pub file: ModelFile,
    /// The memory that the operation needs, beside others of the same model, in bytes.
    pub needed_bytes: u64,
    /// The tokens for which that memory has keys and values.
    pub context_tokens: u64,
}

impl Models {
    pub fn new(store: ModelStore) -> Self {
        Self {
            store,
            fetches: Arc::new(Fetches::new(MAX_FETCHES)),
            places: FetchPlaces::default(),
            trial: Arc::default(),
            headers: Arc::default(),
        }
    }

    /// Returns the model of an operation, once it is on this machine and a process of its own has
    /// loaded it. If it is not by `until`, that continues for a later job, unless another model
    /// needs its place.
    ///
    /// # Errors
    /// If no source has the model, if it does not do the task, does not fit into the memory, or
    /// cannot be loaded; and as soon as `check` fails.
    pub fn prepare_model(
        &self,
        wanted: &ModelUse,
        memory: &MemoryBudget,
        until: Instant,
        check: impl Fn() -> Result<()>,
    ) -> Result<PreparedModel> {
        let digest = wanted.model.digest();
        let key = find_key(&digest);
        let check_time = || -> Result<()> {
            self.places.note_wait(&key);
            match Instant::now() >= until {
                true => Err(EngineError::Fetching(digest).into()),
                false => check(),
            }
        };

        // What was fetched may have been removed for another model before this one opened it.
        loop {
            let fetch = self.start_fetch(wanted, memory, check_time)?;
            match fetch.task.wait_for_end(POLL_INTERVAL, check_time)? {
                // The other job may have named other sources, or used the model in another way.
                Err(problem) if !fetch.is_own => {
                    tracing::info!(%digest, %problem, "another job did not get a model");
                    check_time()?;
                    continue;
                }
                ended => ended?,
            }
            if let Some(file) = self.store.open_cached(&digest)? {
                let context = self.check_file(&file, wanted, memory)?;
                let needed_bytes = self.read_header(&file)?.needed_bytes(context);
                return Ok(PreparedModel { file, needed_bytes, context_tokens: context.cells() });
            }
            check_time()?;
        }
    }

    /// Returns the file of a model if it is on this machine. Fetches nothing.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn open_cached(&self, digest: &ModelDigest) -> Result<Option<ModelFile>, EngineError> {
        self.store.open_cached(digest)
    }

    /// Returns the fetch of the model, which starts now unless it is in progress.
    fn start_fetch(
        &self,
        wanted: &ModelUse,
        memory: &MemoryBudget,
        check_time: impl Fn() -> Result<()>,
    ) -> Result<StartedFetch> {
        let mut is_own = false;
        loop {
            let started = self.fetches.get_or_start(wanted.model.digest(), |fetch| {
                let models = self.clone();
                let wanted = wanted.clone();
                let memory = memory.clone();
                let builder = thread::Builder::new().name("fetch-model".to_owned());

                let started = builder.spawn(move || {
                    let digest = wanted.model.digest();
                    let key = find_key(&digest);
                    models.places.begin_fetch(&key);
                    let is_wanted = || models.places.is_wanted(&key);
                    let fetched = models.fetch_model(&wanted, &memory, &is_wanted);
                    models.places.end_fetch(&key);

                    models.fetches.finish(&digest, &fetch, fetched.map_err(Arc::new));
                });
                is_own = true;
                started.map(drop).map_err(|error| anyhow!("cannot start a thread: {error}"))
            })?;
            if let Some(task) = started {
                return Ok(StartedFetch { task, is_own });
            }

            check_time()?;
            self.places.make_place(Instant::now());
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Gets the file, unless its source states more bytes than the memory has. Then reads its
    /// header, and loads it in a process of its own, unless this software knows it.
    fn fetch_model(
        &self,
        wanted: &ModelUse,
        memory: &MemoryBudget,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<(), EngineError> {
        // Services may end before the download does: what they hold counts afterwards.
        let store = self.store.for_device(&memory.device, memory.bytes);
        // The downloader logs the progress.
        let file = store.ensure_wanted(&wanted.model, is_wanted, &mut |_| {})?;
        if find_model(&file.digest()).is_ok() {
            return Ok(());
        }

        self.check_file(&file, wanted, memory)?;
        let trial = match self.trial.get() {
            Some(trial) => trial,
            None => {
                let trial = ModelTrial::from_env()?;
                self.trial.get_or_init(|| trial)
            }
        };
        trial.try_file(&self.store, &file)
    }

    /// Checks that a model does the task and fits into the memory. Returns the context that the
    /// operation shares with others.
    fn check_file(
        &self,
        file: &ModelFile,
        wanted: &ModelUse,
        memory: &MemoryBudget,
    ) -> Result<ContextSize, EngineError> {
        let header = self.read_header(file)?;
        header.check_task(wanted.task).map_err(|problem| EngineError::Weights {
            path: file.path().to_owned(),
            problem: problem.to_owned(),
        })?;

        let needed = header.needed_bytes(wanted.context);
        let usable_bytes = memory.usable_bytes();
        if needed <= usable_bytes {
            return Ok(wanted.context.shared(&header, usable_bytes));
        }

        let model = file.digest();
        let needed_mib = needed.div_ceil(BYTES_PER_MIB);
        let device = memory.device.clone();
        let usable_mib = usable_bytes / BYTES_PER_MIB;
        Err(match needed <= memory.bytes {
            true => EngineError::MemoryInUse { model, needed_mib, device, usable_mib },
            false => EngineError::Memory { model, needed_mib, device, usable_mib },
        })
    }

    /// Reads the header of a file, which has the digest that names it, once.
    fn read_header(&self, file: &ModelFile) -> Result<Arc<ModelHeader>, EngineError> {
        let lock = || self.headers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(header) = lock().get(&file.digest()) {
            return Ok(Arc::clone(header));
        }

        let header = Arc::new(ModelHeader::read(file.path())?);
        let mut headers = lock();
        if headers.len() >= MAX_HEADERS {
            headers.clear();
        }
        headers.insert(file.digest(), Arc::clone(&header));
        Ok(header)
    }
}

/// What a model is, for those that wait for the same one.
fn find_key(digest: &ModelDigest) -> String {
    digest.to_string()
}
