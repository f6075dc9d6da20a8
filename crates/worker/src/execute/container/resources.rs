//! The resources of containers: fetched before a job starts, so that a slow download costs the node
//! no run.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use nosana_fetch::{CachedResource, FetchError, ResourceCache};
use nosana_job_spec::PlacedResource;
use nosana_sandbox::{SharedTask, SharedTasks};

use crate::execute::fetch_places::FetchPlaces;

/// How often those who wait for a resource check whether they must end.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// How many resources are fetched at a time; further ones wait.
const MAX_FETCHES: usize = 8;
/// How many of them are fetched for one container.
const MAX_OWN_FETCHES: usize = 2;
/// How long a resource that no job uses is held for the next one. It stays in the cache after that.
const IDLE_TIME: Duration = Duration::from_secs(60);

type Fetches = SharedTasks<String, Arc<FetchError>>;

/// The cache of resources, with what is fetched into it. Clones share it.
#[derive(Clone)]
pub(in crate::execute) struct Resources {
    /// `None` where no containers run.
    cache: Option<ResourceCache>,
    /// The resources that are fetched at the moment, shared by all jobs.
    fetches: Arc<Fetches>,
    places: FetchPlaces,
    held: Arc<Mutex<BTreeMap<String, Held>>>,
}

/// A resource that stays on this machine.
struct Held {
    resource: Arc<CachedResource>,
    since: Instant,
}

impl Default for Resources {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Resources {
    pub fn new(cache: Option<ResourceCache>) -> Self {
        Self {
            cache,
            fetches: Arc::new(Fetches::new(MAX_FETCHES)),
            places: FetchPlaces::default(),
            held: Arc::default(),
        }
    }

    /// A folder on the disk that resources fill.
    pub fn disk_folder(&self) -> Option<&Path> {
        self.cache.as_ref()?.disk_folder()
    }

    /// Starts to fetch the first resources that are not here, unless too many others are fetched.
    ///
    /// # Errors
    /// If this node fetches none.
    pub fn begin_fetches(&self, resources: &[PlacedResource]) -> Result<()> {
        for resource in resources.iter().take(MAX_OWN_FETCHES) {
            let key = find_key(resource)?;
            if self.find_held(&key).is_none() {
                self.start_fetch(key, resource)?;
            }
        }
        Ok(())
    }

    /// Returns resources once they are on this machine. If one is not by `until`, its fetch
    /// continues for a later job.
    ///
    /// # Errors
    /// If one cannot be fetched; and as soon as `check` fails.
    pub fn prepare_resources(
        &self,
        resources: &[PlacedResource],
        until: Instant,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Vec<Arc<CachedResource>>> {
        let mut prepared = Vec::with_capacity(resources.len());

        while let Some(resource) = resources.get(prepared.len()) {
            let missing = &resources[prepared.len()..];
            self.begin_fetches(missing)?;
            prepared.push(self.prepare_resource(resource, missing, until, check)?);
        }
        Ok(prepared)
    }

    /// Notes that a job waits for its first resources that are not prepared: all that
    /// [`begin_fetches`](Self::begin_fetches) has begun for it, and those that have arrived.
    ///
    /// # Errors
    /// If a resource cannot be written as JSON.
    pub fn note_waits(&self, resources: &[PlacedResource]) -> Result<()> {
        for resource in resources.iter().take(MAX_OWN_FETCHES) {
            let key = find_key(resource)?;
            self.places.note_wait(&key);
            if let Some(held) = self.lock_held().get_mut(&key) {
                held.since = Instant::now();
            }
        }
        Ok(())
    }

    /// Returns `resource`, which is the first of those that a job misses.
    fn prepare_resource(
        &self,
        resource: &PlacedResource,
        missing: &[PlacedResource],
        until: Instant,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Arc<CachedResource>> {
        let key = find_key(resource)?;
        let check_time = || -> Result<()> {
            self.note_waits(missing)?;
            match Instant::now() >= until {
                true => Err(Arc::new(FetchError::Fetching(resource.resource.describe())).into()),
                false => check(),
            }
        };

        loop {
            if let Some(held) = self.find_held(&key) {
                return Ok(held);
            }
            match self.start_fetch(key.clone(), resource)? {
                Some(fetch) => fetch.wait_for_end(POLL_INTERVAL, check_time)??,
                None => {
                    check_time()?;
                    self.places.make_place(Instant::now());
                    thread::sleep(POLL_INTERVAL);
                }
            }
        }
    }

    /// Returns the fetch of a resource, which starts now unless it is in progress; `None` while too
    /// many others are.
    fn start_fetch(
        &self,
        key: String,
        resource: &PlacedResource,
    ) -> Result<Option<Arc<SharedTask<Arc<FetchError>>>>> {
        let cache = self.cache.clone().context("resources are fetched by nodes only")?;
        let fetched_key = key.clone();

        self.fetches.get_or_start(key, |fetch| {
            let resources = self.clone();
            let resource = resource.clone();
            let builder = thread::Builder::new().name("fetch-resource".to_owned());

            let started = builder.spawn(move || {
                resources.places.begin_fetch(&fetched_key);
                let is_wanted = || resources.places.is_wanted(&fetched_key);
                let fetched = cache.ensure_wanted(&resource, &is_wanted).map_err(Arc::new);
                resources.places.end_fetch(&fetched_key);

                let result = fetched.map(|cached| resources.hold(&fetched_key, cached));
                resources.fetches.finish(&fetched_key, &fetch, result);
            });
            started.map(drop).map_err(|error| anyhow!("cannot start a thread: {error}"))
        })
    }

    fn hold(&self, key: &str, cached: CachedResource) {
        let held = Held { resource: Arc::new(cached), since: Instant::now() };
        self.lock_held().insert(key.to_owned(), held);
    }

    /// Returns a resource that is held. Releases those that no job has used for a while.
    fn find_held(&self, key: &str) -> Option<Arc<CachedResource>> {
        let mut held = self.lock_held();
        held.retain(|_, one| {
            Arc::strong_count(&one.resource) > 1 || one.since.elapsed() < IDLE_TIME
        });
        held.get(key).map(|one| Arc::clone(&one.resource))
    }

    fn lock_held(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a resource is, for those that name the same one.
fn find_key(resource: &PlacedResource) -> Result<String> {
    Ok(serde_json::to_string(resource)?)
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, net::TcpListener};

    use nosana_container::ContainerError;
    use nosana_job_spec::Resource;

    use super::*;
    use crate::execute::{container::Containers, fetch_places::UNWAITED_TIME};

    /// Two resources whose source takes connections and never answers.
    fn silent_resources(server: &TcpListener) -> [PlacedResource; 2] {
        let address = server.local_addr().unwrap();
        ["a", "b"].map(|name| {
            let url = format!("http://{address}/{name}");
            Resource::Http { url, sha256: None, target: format!("/{name}") }.into()
        })
    }

    fn are_wanted(resources: &Resources, wanted: &[PlacedResource; 2]) -> [bool; 2] {
        let key_of = |resource: &PlacedResource| find_key(resource).unwrap();
        wanted.each_ref().map(|resource| resources.places.is_wanted(&key_of(resource)))
    }

    #[test]
    fn a_job_waits_for_all_resources_that_are_fetched_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let cache = ResourceCache::at(folder.path()).with_private_sources();
        let resources = Resources::new(Some(cache));
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let wanted = silent_resources(&server);

        resources.begin_fetches(&wanted).unwrap();
        thread::sleep(Duration::from_millis(200));
        let begun = Instant::now();
        let until = begun + Duration::from_millis(300);
        let error = resources.prepare_resources(&wanted, until, &|| Ok(())).unwrap_err();
        assert!(error.to_string().contains("still being fetched"), "{error}");

        resources.places.make_place(begun + UNWAITED_TIME);
        assert_eq!(are_wanted(&resources, &wanted), [true; 2], "the job has waited for both");
        resources.places.make_place(Instant::now() + UNWAITED_TIME);
        assert!(are_wanted(&resources, &wanted).contains(&false), "nobody waits any more");
    }

    #[test]
    fn a_job_that_waits_for_its_image_waits_for_its_resources_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let cache = ResourceCache::at(folder.path()).with_private_sources();
        let resources = Resources::new(Some(cache));
        let containers = Containers { resources: resources.clone(), ..Containers::default() };
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let wanted = silent_resources(&server);

        resources.begin_fetches(&wanted).unwrap();
        thread::sleep(Duration::from_millis(200));
        let begun = Instant::now();
        let calls = Cell::new(0);
        let fetch_image = |_: Instant| {
            // Without the note of a wait, both would have had no job for the whole time.
            resources.places.make_place(begun + UNWAITED_TIME);
            calls.set(calls.get() + 1);
            match calls.get() {
                1 => Err(ContainerError::Fetching("an image".to_owned())),
                _ => Ok(()),
            }
        };
        let until = begun + Duration::from_secs(60);
        containers.wait_for_image(&wanted, until, fetch_image).unwrap();
        assert_eq!(calls.get(), 2, "it waits until the image is here");
        assert_eq!(are_wanted(&resources, &wanted), [true; 2]);
    }
}
