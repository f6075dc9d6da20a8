//! Fetching images: beside the jobs, so that a large image is fetched once, however little time the
//! job has that named it first.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use nosana_sandbox::Cancel;

use crate::{ContainerError, Engine, EngineKind, image::full_name};

/// How long one image may take.
const MOST: Duration = Duration::from_secs(2 * 3_600);
/// How many images are fetched at a time. A third waits.
const AT_ONCE: usize = 2;
/// Between two looks whether whoever waits was cancelled.
const LOOK: Duration = Duration::from_millis(100);

/// The images that are being fetched.
#[derive(Debug, Default)]
pub(crate) struct Fetches(Mutex<BTreeMap<String, Arc<Fetch>>>);

/// One image on its way.
#[derive(Debug, Default)]
struct Fetch {
    /// What came of it: the engine's complaint if it failed.
    ended: Mutex<Option<Result<(), String>>>,
    changed: Condvar,
}

impl Engine {
    /// Returns when the image is here. What is not here by `until` goes on being fetched, for a
    /// later job.
    ///
    /// # Errors
    /// If it cannot be fetched, is not here by `until`, or the waiting is cancelled.
    pub fn fetch(
        &self,
        image: &str,
        until: Instant,
        cancel: &Cancel,
    ) -> Result<(), ContainerError> {
        let name = full_name(image);
        if self.call(&["image", "inspect", "--format", "{{.Id}}", &name]).is_ok() {
            return Ok(());
        }
        let go_on = || match (cancel.is_ending(), Instant::now() >= until) {
            (true, _) => Err(ContainerError::Cancelled),
            (_, true) => Err(ContainerError::Fetching(image.to_owned())),
            _ => Ok(()),
        };
        let fetch = loop {
            if let Some(fetch) = self.fetching(&name)? {
                break fetch;
            }
            go_on()?;
            thread::sleep(LOOK);
        };
        let mut ended = lock(&fetch.ended);
        loop {
            match &*ended {
                Some(Ok(())) => return Ok(()),
                Some(Err(problem)) => {
                    return Err(ContainerError::Image {
                        image: image.to_owned(),
                        problem: problem.clone(),
                    });
                }
                None => go_on()?,
            }
            ended =
                fetch.changed.wait_timeout(ended, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The fetching of this image, which begins now unless it has begun; none while too many others
    /// are fetched.
    fn fetching(&self, name: &str) -> Result<Option<Arc<Fetch>>, ContainerError> {
        let mut fetches = lock(&self.fetches.0);
        if let Some(fetch) = fetches.get(name) {
            return Ok(Some(Arc::clone(fetch)));
        }
        if fetches.len() >= AT_ONCE {
            return Ok(None);
        }
        let fetch = Arc::<Fetch>::default();
        let (engine, name, begun) = (self.clone(), name.to_owned(), Arc::clone(&fetch));
        let pull = thread::Builder::new().name("fetch-image".to_owned()).spawn({
            let name = name.clone();
            move || {
                let pulled = engine.pull(&name);
                lock(&engine.fetches.0).remove(&name);
                *lock(&begun.ended) = Some(pulled);
                begun.changed.notify_all();
            }
        });
        pull.map_err(crate::error::io("start a thread"))?;
        fetches.insert(name, Arc::clone(&fetch));
        Ok(Some(fetch))
    }

    fn pull(&self, name: &str) -> Result<(), String> {
        // podman would look for names such as `oci:folder` on this machine.
        let name = match self.kind {
            EngineKind::Podman => format!("docker://{name}"),
            EngineKind::Docker => name.to_owned(),
        };
        match self.call_with(&["pull", "--quiet", &name], &[], MOST, &Cancel::default()) {
            Ok(_) => Ok(()),
            Err(ContainerError::Engine { problem, .. }) => Err(problem),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// A thread that panicked left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
