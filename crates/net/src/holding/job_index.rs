//! Which objects belong to which job. One file a job, so that a crash loses at most the last entry.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nosana_job_spec::ContentId;
use serde::{Deserialize, Serialize};
use solana_address::Address;
use tempfile::NamedTempFile;

/// The index cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}: {source}; check that the folder is writable and has free space")]
pub struct IndexError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// The objects of one job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct JobObjects {
    /// When the first one came, in seconds since 1970.
    pub since: u64,
    /// The objects, with the size of their content in bytes.
    pub objects: Vec<(ContentId, u64)>,
    /// Those of them that came because this node had taken the job.
    #[serde(default, skip_serializing_if = "HashSet::is_empty")]
    pub taken: HashSet<ContentId>,
}

/// An index of objects by job, in a folder.
#[derive(Debug)]
pub struct JobIndex {
    folder: PathBuf,
    entries: Mutex<Entries>,
    /// Held while the folder is changed, so that who reads entries does not wait for the disk.
    writing: Mutex<()>,
}

/// The jobs, and how many of them have each object: strangers request objects.
#[derive(Debug, Default)]
struct Entries {
    jobs: HashMap<Address, JobObjects>,
    counts: HashMap<ContentId, usize>,
}

impl Entries {
    fn insert_job(&mut self, job: Address, objects: JobObjects) {
        self.remove_job(&job);
        for (object, _) in &objects.objects {
            *self.counts.entry(*object).or_default() += 1;
        }
        self.jobs.insert(job, objects);
    }

    fn remove_job(&mut self, job: &Address) {
        for (object, _) in self.jobs.remove(job).unwrap_or_default().objects {
            let count = self.counts.get_mut(&object).map(|count| {
                *count = count.saturating_sub(1);
                *count
            });
            if count == Some(0) {
                self.counts.remove(&object);
            }
        }
    }
}

impl JobIndex {
    /// Opens the index in this folder; creates the folder if it is missing. A file that cannot be
    /// parsed is removed: what it named is removed from the store by the next sweep.
    ///
    /// # Errors
    /// If the folder cannot be read or created.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        fs::create_dir_all(folder).map_err(index_error("create", folder))?;
        let mut entries = Entries::default();

        for entry in fs::read_dir(folder).map_err(index_error("list", folder))? {
            let path = entry.map_err(index_error("list", folder))?.path();
            let bytes = fs::read(&path).map_err(index_error("read", &path))?;

            match (job_of(&path), serde_json::from_slice(&bytes)) {
                (Some(job), Ok(objects)) => entries.insert_job(job, objects),
                _ => fs::remove_file(&path).map_err(index_error("remove", &path))?,
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            entries: Mutex::new(entries),
            writing: Mutex::default(),
        })
    }

    /// Adds objects of a job, with the sizes of their content in bytes; returns how many of them are
    /// new.
    ///
    /// # Errors
    /// If they cannot be written: then none is added.
    pub fn add_objects(
        &self,
        job: Address,
        objects: impl IntoIterator<Item = (ContentId, u64)>,
        now: u64,
    ) -> Result<usize, IndexError> {
        let _writing = self.lock_folder();
        let mut updated = self.find_job(&job, now);
        let mut known: HashSet<ContentId> = updated.objects.iter().map(|(id, _)| *id).collect();

        let count_before = updated.objects.len();
        updated.objects.extend(objects.into_iter().filter(|(object, _)| known.insert(*object)));
        let new = updated.objects.len() - count_before;

        if new > 0 {
            self.replace_job(job, updated)?;
        }
        Ok(new)
    }

    /// Adds an object that came because this node has taken the job; returns how many are new.
    ///
    /// # Errors
    /// If it cannot be written: then it is not added.
    pub(super) fn add_taken(
        &self,
        job: Address,
        (object, content_bytes): (ContentId, u64),
        now: u64,
    ) -> Result<usize, IndexError> {
        let _writing = self.lock_folder();
        let mut updated = self.find_job(&job, now);
        if updated.objects.iter().any(|(known, _)| *known == object) {
            return Ok(0);
        }

        updated.objects.push((object, content_bytes));
        updated.taken.insert(object);
        self.replace_job(job, updated).map(|()| 1)
    }

    /// Removes what came because this node had taken the job.
    ///
    /// # Errors
    /// If the job's file cannot be written or removed.
    pub(super) fn remove_taken(&self, job: &Address) -> Result<(), IndexError> {
        let _writing = self.lock_folder();
        let mut left = self.find_job(job, 0);
        let taken = std::mem::take(&mut left.taken);
        if taken.is_empty() {
            return Ok(());
        }

        left.objects.retain(|(object, _)| !taken.contains(object));
        if left.objects.is_empty() {
            return self.remove_file(job);
        }
        self.replace_job(*job, left)
    }

    /// Removes a job.
    ///
    /// # Errors
    /// If its file cannot be removed.
    pub fn remove_job(&self, job: &Address) -> Result<(), IndexError> {
        let _writing = self.lock_folder();
        self.remove_file(job)
    }

    /// Who calls this has locked the folder.
    fn remove_file(&self, job: &Address) -> Result<(), IndexError> {
        let path = self.path_of(job);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(index_error("remove", &path)(error));
            }
            _ => {}
        }

        self.lock_entries().remove_job(job);
        Ok(())
    }

    /// Whether a job has this object.
    pub fn has_object(&self, object: &ContentId) -> bool {
        self.lock_entries().counts.contains_key(object)
    }

    /// All jobs.
    pub(super) fn list_jobs(&self) -> Vec<(Address, JobObjects)> {
        let entries = self.lock_entries();
        entries.jobs.iter().map(|(job, objects)| (*job, objects.clone())).collect()
    }

    /// All objects, of all jobs.
    pub(super) fn list_objects(&self) -> Vec<ContentId> {
        self.lock_entries().counts.keys().copied().collect()
    }

    /// How many objects a job has; `None` if the job is not known.
    pub(super) fn object_count(&self, job: &Address) -> Option<usize> {
        self.lock_entries().jobs.get(job).map(|known| known.objects.len())
    }

    /// How many jobs there are.
    pub(super) fn job_count(&self) -> usize {
        self.lock_entries().jobs.len()
    }

    /// The objects of a job, none of one that is not known.
    fn find_job(&self, job: &Address, now: u64) -> JobObjects {
        let known = self.lock_entries().jobs.get(job).cloned();
        known.unwrap_or_else(|| JobObjects { since: now, ..JobObjects::default() })
    }

    /// Who calls this has locked the folder.
    fn replace_job(&self, job: Address, objects: JobObjects) -> Result<(), IndexError> {
        self.write_job(&job, &objects)?;
        self.lock_entries().insert_job(job, objects);
        Ok(())
    }

    fn lock_folder(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_job(&self, job: &Address, objects: &JobObjects) -> Result<(), IndexError> {
        let path = self.path_of(job);
        let error = |source| IndexError { action: "write", path: path.clone(), source };

        let bytes = serde_json::to_vec(objects).map_err(|source| error(source.into()))?;
        let parent = self.folder.parent().unwrap_or(&self.folder);
        let mut staged = NamedTempFile::new_in(parent).map_err(error)?;
        staged.write_all(&bytes).map_err(error)?;
        staged.as_file().sync_all().map_err(error)?;
        staged.persist(&path).map(drop).map_err(|persist| error(persist.error))
    }

    fn path_of(&self, job: &Address) -> PathBuf {
        self.folder.join(format!("{job}.json"))
    }

    fn lock_entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn job_of(path: &Path) -> Option<Address> {
    path.file_name()?.to_str()?.strip_suffix(".json")?.parse().ok()
}

pub(super) fn index_error(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> IndexError + use<> {
    let path = path.to_owned();
    move |source| IndexError { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_survive_a_restart_and_damaged_files_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let [job, other] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let [first, second] = [3, 4].map(|byte| ContentId::from_digest([byte; 32]));

        let index = JobIndex::open(&path).unwrap();
        assert_eq!(index.add_objects(job, [(first, 10), (first, 10)], 100).unwrap(), 1);
        assert_eq!(index.add_objects(job, [(first, 10), (second, 20)], 200).unwrap(), 1);
        assert_eq!(index.add_objects(job, [(first, 10)], 300).unwrap(), 0);
        assert_eq!(index.add_objects(other, [(first, 10)], 300).unwrap(), 1);
        fs::write(path.join(format!("{}.json", Address::default())), "{").unwrap();
        fs::write(path.join("note.txt"), "{}").unwrap();

        let index = JobIndex::open(&path).unwrap();
        let mut jobs = index.list_jobs();
        jobs.sort_unstable_by_key(|(job, _)| *job);
        assert_eq!(
            jobs[0],
            (
                job,
                JobObjects {
                    since: 100,
                    objects: vec![(first, 10), (second, 20)],
                    taken: HashSet::new(),
                }
            )
        );
        assert_eq!(jobs.len(), 2);
        assert_eq!(fs::read_dir(&path).unwrap().count(), 2);

        index.remove_job(&job).unwrap();
        index.remove_job(&job).unwrap();
        assert!(index.has_object(&first), "another job has it");
        assert!(!index.has_object(&second));
        assert_eq!(JobIndex::open(&path).unwrap().list_objects(), [first]);
    }

    #[test]
    fn what_came_for_a_job_that_was_taken_goes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let [mixed, taken] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let [first, second] = [3, 4].map(|byte| ContentId::from_digest([byte; 32]));

        let index = JobIndex::open(&path).unwrap();
        index.add_objects(mixed, [(first, 10)], 100).unwrap();
        for (object, new) in [(first, 0), (second, 1), (second, 0)] {
            assert_eq!(index.add_taken(mixed, (object, 20), 200).unwrap(), new);
        }
        index.add_taken(taken, (second, 20), 200).unwrap();

        // A node that was started again knows it still.
        let index = JobIndex::open(&path).unwrap();
        for job in [mixed, taken, taken] {
            index.remove_taken(&job).unwrap();
        }
        assert_eq!(index.list_objects(), [first]);
        assert_eq!(JobIndex::open(&path).unwrap().list_objects(), [first]);
        assert_eq!(index.job_count(), 1);
    }
}
