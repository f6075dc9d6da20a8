//! What the node did for its jobs and the chain does not know yet. It saves work after a crash; the
//! chain decides.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use nosana_job_spec::ContentId;
use serde::{Deserialize, Serialize};
use solana_address::Address;
use tempfile::NamedTempFile;

/// One run of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The definition that is run.
    pub definition: ContentId,
    /// When the chain's pay clock began, in unix seconds: tells one attempt from the next.
    pub started_at: i64,
    /// What came out, once it is in the store.
    pub result: Option<ContentId>,
    /// Whether the chain is known to have the result.
    pub committed: bool,
}

impl Run {
    /// Whether this is the run that the chain means.
    pub fn is(&self, definition: [u8; 32], started_at: i64) -> bool {
        self.definition.digest() == definition && self.started_at == started_at
    }
}

type Runs = BTreeMap<String, Run>;

/// The runs that are not concluded, by the job's address; on the disk if the node has a state
/// folder.
#[derive(Debug, Default)]
pub struct Journal {
    path: Option<PathBuf>,
    runs: Mutex<Runs>,
}

impl Journal {
    /// Reads the file, if there is one. One that cannot be read is put aside: then its jobs are run
    /// again.
    pub fn open(path: &Path) -> Result<Self> {
        let runs = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).or_else(|error| {
                let aside = path.with_extension("broken");
                tracing::warn!(%error, aside = %aside.display(), "the journal cannot be read and is put aside");
                fs::rename(path, &aside).map(|()| Runs::new())
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Runs::new()),
            Err(error) => Err(error),
        };
        let runs = runs.with_context(|| format!("cannot read the journal {}", path.display()))?;
        Ok(Self { path: Some(path.to_owned()), runs: Mutex::new(runs) })
    }

    /// The jobs in it.
    pub fn jobs(&self) -> Vec<Address> {
        self.lock().keys().filter_map(|job| job.parse().ok()).collect()
    }

    /// The run of a job.
    pub fn get(&self, job: &Address) -> Option<Run> {
        self.lock().get(&job.to_string()).cloned()
    }

    /// Writes a run, over an earlier one of the job. When this returns, the disk has it.
    pub fn put(&self, job: &Address, run: Run) -> Result<()> {
        self.change(|runs| runs.insert(job.to_string(), run))
    }

    /// Forgets a job.
    pub fn remove(&self, job: &Address) -> Result<()> {
        if self.get(job).is_none() {
            return Ok(());
        }
        self.change(|runs| runs.remove(&job.to_string()))
    }

    fn change(&self, change: impl FnOnce(&mut Runs) -> Option<Run>) -> Result<()> {
        let mut runs = self.lock();
        let mut changed = runs.clone();
        change(&mut changed);
        if let Some(path) = &self.path {
            write(path, &changed)
                .with_context(|| format!("cannot write the journal {}", path.display()))?;
        }
        *runs = changed;
        Ok(())
    }

    /// A thread that panicked left the map whole: it is replaced, never changed in place.
    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Beside the file, flushed, then renamed: whoever reads it finds the old or the new one whole.
pub(crate) fn write<T: Serialize>(path: &Path, content: &T) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut staged = NamedTempFile::new_in(folder)?;
    staged.write_all(&serde_json::to_vec_pretty(content)?)?;
    staged.as_file().sync_all()?;
    staged.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::ContentId;
    use solana_address::Address;

    use super::{Journal, Run};

    #[test]
    fn outlives_its_process_and_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.json");
        let job = Address::new_from_array([1; 32]);
        let definition = ContentId::from_digest([2; 32]);
        let run = Run { definition, started_at: 7, result: None, committed: false };
        Journal::open(&path).unwrap().put(&job, run.clone()).unwrap();
        let again = Journal::open(&path).unwrap();
        assert_eq!((again.jobs(), again.get(&job)), (vec![job], Some(run.clone())));
        assert!(run.is([2; 32], 7) && !run.is([2; 32], 8) && !run.is([3; 32], 7));
        again.remove(&job).unwrap();
        assert!(Journal::open(&path).unwrap().jobs().is_empty());
        std::fs::write(&path, b"{\"half").unwrap();
        assert!(Journal::open(&path).unwrap().jobs().is_empty());
        assert!(path.with_extension("broken").exists());
    }
}
