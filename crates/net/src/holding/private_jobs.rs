//! The content of private jobs of this node: a store for each job, which is removed as a whole.
//!
//! Nothing of a private job enters the node's own store, whose content other nodes and an IPFS node
//! may read.

use std::collections::HashMap;
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nosana_store::{Store, StoreError};
use solana_address::Address;
use tokio::sync::watch;

use super::{IndexError, job_index::index_error};

/// What begins the name of a folder that is being removed. No address of a job begins so.
const REMOVED_PREFIX: &str = ".removed-";

/// The private jobs of a node.
#[derive(Debug)]
pub struct PrivateJobs {
    folder: PathBuf,
    node: Address,
    /// The jobs that the node has taken and not given back or ended. Those who hold the other end
    /// of a channel see it close when the job's entry goes.
    active: Mutex<HashMap<Address, watch::Sender<()>>>,
}

/// A private job that the node has taken, until this is dropped: its client may send its content.
#[derive(Debug)]
pub struct ActivePrivateJob {
    jobs: Arc<PrivateJobs>,
    job: Address,
}

/// The store of a private job that the node has taken.
#[derive(Clone, Debug)]
pub(super) struct ActiveStore {
    pub(super) store: Store,
    /// Closes when the node no longer has the job.
    pub(super) end: watch::Receiver<()>,
}

impl PrivateJobs {
    /// Opens the folder with the stores; creates it, for its owner only, if it is missing. Removes
    /// what an earlier process did not finish to remove.
    ///
    /// # Errors
    /// If the folder cannot be created, or what is in it cannot be removed.
    pub fn open(folder: &Path, node: Address) -> Result<Self, IndexError> {
        let mut builder = DirBuilder::new();
        let created = builder.recursive(true).mode(0o700).create(folder);

        created.map_err(index_error("create", folder))?;
        for entry in fs::read_dir(folder).map_err(index_error("list", folder))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(REMOVED_PREFIX) {
                remove_folder(&entry.path())?;
            }
        }
        Ok(Self { folder: folder.to_owned(), node, active: Mutex::default() })
    }

    /// Admits content of a job that the node has taken.
    ///
    /// # Errors
    /// If the job's store cannot be created.
    pub fn begin_job(self: &Arc<Self>, job: Address) -> Result<ActivePrivateJob, StoreError> {
        self.lock_active().insert(job, watch::Sender::new(()));
        let active = ActivePrivateJob { jobs: Arc::clone(self), job };

        self.open_store(&job)?;
        Ok(active)
    }

    /// The store of a job. It is created if it is missing.
    ///
    /// # Errors
    /// If its folder cannot be created.
    pub fn open_store(&self, job: &Address) -> Result<Store, StoreError> {
        Store::open(self.path_of(job))
    }

    /// The store of a job of which something is here.
    pub(super) fn find_store(&self, job: &Address) -> Option<Store> {
        let path = self.path_of(job);
        if path.is_dir() { Store::open(path).ok() } else { None }
    }

    /// Whether something of this job is here.
    pub(super) fn has_job(&self, job: &Address) -> bool {
        self.path_of(job).is_dir()
    }

    /// The store of a job whose content is admitted, as long as its channel is open.
    pub(super) fn find_active(&self, job: &Address) -> Option<ActiveStore> {
        let end = self.lock_active().get(job)?.subscribe();
        Some(ActiveStore { store: self.find_store(job)?, end })
    }

    /// Whether the node has taken this job.
    pub(super) fn is_active(&self, job: &Address) -> bool {
        self.lock_active().contains_key(job)
    }

    /// The folder with the stores.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The node whose jobs these are.
    pub(super) const fn node(&self) -> &Address {
        &self.node
    }

    /// The jobs of which something is here.
    pub(super) fn list_jobs(&self) -> Result<Vec<Address>, IndexError> {
        let entries = fs::read_dir(&self.folder).map_err(index_error("list", &self.folder))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter_map(|name| name.parse().ok()).collect())
    }

    /// Removes everything of a job, unless the node has it. Blocks this thread.
    pub(super) fn remove_job(&self, job: &Address) -> Result<bool, IndexError> {
        let path = self.path_of(job);
        let removed = self.folder.join(format!("{REMOVED_PREFIX}{job}"));
        // What an earlier attempt could not remove.
        remove_folder(&removed)?;

        // The node cannot take the job again in the middle of this. Gigabytes are removed later:
        // requests for all other jobs wait for this lock.
        let active = self.lock_active();
        if active.contains_key(job) {
            return Ok(false);
        }
        match fs::rename(&path, &removed) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(index_error("remove", &path)(error)),
        }
        drop(active);

        remove_folder(&removed)?;
        Ok(true)
    }

    fn path_of(&self, job: &Address) -> PathBuf {
        self.folder.join(job.to_string())
    }

    fn lock_active(&self) -> MutexGuard<'_, HashMap<Address, watch::Sender<()>>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ActivePrivateJob {
    fn drop(&mut self) {
        self.jobs.lock_active().remove(&self.job);
    }
}

/// Removes a folder with all that is in it, unless it is gone.
fn remove_folder(path: &Path) -> Result<(), IndexError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(index_error("remove", path)(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_job_is_kept_while_the_node_has_it_and_removed_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("private");
        let [node, job, other] = [1, 2, 3].map(|byte| Address::new_from_array([byte; 32]));
        let jobs = Arc::new(PrivateJobs::open(&path, node).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(jobs.find_store(&job).is_none(), "a request creates nothing");

        let active = jobs.begin_job(job).unwrap();
        let content = jobs.open_store(&job).unwrap().put(b"secret").unwrap();
        let kept = jobs.open_store(&other).unwrap().put(b"result").unwrap();
        let during = jobs.find_active(&job).unwrap();
        assert!(during.store.has_file(&content) && during.end.has_changed().is_ok());
        assert!(jobs.find_active(&other).is_none());
        assert!(!jobs.remove_job(&job).unwrap(), "the node has it");

        drop(active);
        assert!(jobs.find_active(&job).is_none());
        assert!(during.end.has_changed().is_err(), "what is being received ends");
        fs::create_dir(path.join(".removed-rest")).unwrap();
        let again = PrivateJobs::open(&path, node).unwrap();
        let mut found = again.list_jobs().unwrap();
        found.sort_unstable();
        assert_eq!(found, [job, other]);
        assert!(!path.join(".removed-rest").exists());

        assert!(again.remove_job(&job).unwrap());
        assert!(!again.remove_job(&job).unwrap());
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
        assert!(again.find_store(&other).unwrap().has_file(&kept));
    }
}
