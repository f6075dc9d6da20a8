//! The images that are being downloaded, shared by all jobs.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How many images are downloaded at a time; further ones wait.
const MAX_DOWNLOADS: usize = 2;

/// The images that are being downloaded, by full name.
#[derive(Debug, Default)]
pub(crate) struct Downloads(Mutex<BTreeMap<String, Arc<Download>>>);

/// The download of one image.
#[derive(Debug, Default)]
pub(crate) struct Download {
    /// The result: the engine's message if it failed.
    ended: Mutex<Option<Result<(), String>>>,
    changed: Condvar,
}

impl Downloads {
    /// Returns the download of this image, and starts it with `start` unless it is in progress;
    /// `None` while too many others are.
    pub fn get_or_start<E>(
        &self,
        name: &str,
        start: impl FnOnce(Arc<Download>) -> Result<(), E>,
    ) -> Result<Option<Arc<Download>>, E> {
        let mut downloads = lock_mutex(&self.0);
        if let Some(download) = downloads.get(name) {
            return Ok(Some(Arc::clone(download)));
        }
        if downloads.len() >= MAX_DOWNLOADS {
            return Ok(None);
        }

        let download = Arc::<Download>::default();
        start(Arc::clone(&download))?;
        downloads.insert(name.to_owned(), Arc::clone(&download));
        Ok(Some(download))
    }

    /// Removes a download and reports its result to those who wait for it.
    pub fn finish(&self, name: &str, download: &Download, result: Result<(), String>) {
        lock_mutex(&self.0).remove(name);

        *lock_mutex(&download.ended) = Some(result);
        download.changed.notify_all();
    }
}

impl Download {
    /// Returns the result once the download has ended. Calls `check` at least once per `interval`
    /// until then, and fails as soon as it does.
    pub fn wait_for_result<E>(
        &self,
        interval: Duration,
        check: impl Fn() -> Result<(), E>,
    ) -> Result<Result<(), String>, E> {
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
