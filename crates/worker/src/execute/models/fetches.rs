//! The models that are fetched at the moment, shared by all jobs: a large model is fetched once,
//! however little time the first job has that needs it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nosana_engine::EngineError;
use nosana_job_spec::ModelDigest;

/// How many models are fetched at a time; further ones wait.
const MAX_FETCHES: usize = 2;

/// The models that are fetched at the moment.
#[derive(Default)]
pub(super) struct Fetches(Mutex<BTreeMap<ModelDigest, Arc<Fetch>>>);

/// The fetch of one model.
#[derive(Default)]
pub(super) struct Fetch {
    ended: Mutex<Option<Result<(), Arc<EngineError>>>>,
    changed: Condvar,
}

impl Fetches {
    /// Returns the fetch of this model, and starts it with `start` unless it is in progress; `None`
    /// while too many others are.
    pub fn get_or_start<E>(
        &self,
        model: ModelDigest,
        start: impl FnOnce(Arc<Fetch>) -> Result<(), E>,
    ) -> Result<Option<Arc<Fetch>>, E> {
        let mut fetches = lock_mutex(&self.0);
        if let Some(fetch) = fetches.get(&model) {
            return Ok(Some(Arc::clone(fetch)));
        }
        if fetches.len() >= MAX_FETCHES {
            return Ok(None);
        }

        let fetch = Arc::<Fetch>::default();
        start(Arc::clone(&fetch))?;
        fetches.insert(model, Arc::clone(&fetch));
        Ok(Some(fetch))
    }

    /// Removes a fetch and reports its result to those who wait for it.
    pub fn finish(&self, model: ModelDigest, fetch: &Fetch, result: Result<(), EngineError>) {
        lock_mutex(&self.0).remove(&model);

        *lock_mutex(&fetch.ended) = Some(result.map_err(Arc::new));
        fetch.changed.notify_all();
    }
}

impl Fetch {
    /// Returns the result once the fetch has ended. Calls `check` at least once per `interval`
    /// until then, and fails as soon as it does.
    pub fn wait_for_end<E>(
        &self,
        interval: Duration,
        check: impl Fn() -> Result<(), E>,
    ) -> Result<Result<(), Arc<EngineError>>, E> {
        let mut ended = lock_mutex(&self.ended);

        loop {
            match &*ended {
                Some(result) => return Ok(result.clone()),
                None => check()?,
            }
            let waited = self.changed.wait_timeout(ended, interval);
            (ended, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Locks a mutex, also after a panic: a thread that panicked leaves nothing half done.
fn lock_mutex<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
