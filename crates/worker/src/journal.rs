//! What the node did for its jobs and the chain does not have yet. The journal saves work after a
//! crash; the chain decides.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nosana_job_spec::ContentId;
use serde::{Deserialize, Serialize};
use solana_address::Address;

use crate::{dispute::trace::Trace, durable_file::write_json};

/// One run of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalEntry {
    /// The definition that runs.
    pub definition: ContentId,
    /// When the job's paid time began, in unix seconds of the chain's clock. Distinguishes one
    /// attempt from the next.
    pub started_at: i64,
    /// The result, once the store has it.
    pub result: Option<ContentId>,
    /// The trace of a verified job, once it has a result. Kept until nobody can dispute the result
    /// any more: a node that cannot open its trace loses its collateral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// Whether the chain is known to have the result.
    pub committed: bool,
}

impl JournalEntry {
    /// An entry for a run that has just begun.
    pub fn new(definition: [u8; 32], started_at: i64) -> Self {
        let definition = ContentId::from_digest(definition);
        Self { definition, started_at, result: None, trace: None, committed: false }
    }

    /// Returns whether definition and start time match the on-chain job.
    pub fn matches_run(&self, definition: [u8; 32], started_at: i64) -> bool {
        self.definition.digest() == definition && self.started_at == started_at
    }
}

type Entries = BTreeMap<String, JournalEntry>;

/// The runs that are not settled yet, by the job's address. Kept on disk if the node has a state
/// folder.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    path: Option<PathBuf>,
    entries: Mutex<Entries>,
    /// Since when the chain seems to contradict entries with a trace.
    doubts: Mutex<BTreeMap<Address, Instant>>,
}

impl Journal {
    /// Reads the file if it exists.
    ///
    /// # Errors
    /// If it cannot be read: it may hold traces, without which a node loses its collateral.
    pub fn open(path: &Path) -> Result<Self> {
        let entries = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| {
                format!(
                    "cannot read the journal {}: restore the file, or remove it, run the jobs \
                     again and lose the collateral of disputed results",
                    path.display()
                )
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Entries::new(),
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot read the journal {}", path.display()));
            }
        };

        Ok(Self {
            path: Some(path.to_owned()),
            entries: Mutex::new(entries),
            doubts: Mutex::default(),
        })
    }

    /// The jobs that have an entry.
    pub fn job_addresses(&self) -> Vec<Address> {
        self.lock_entries().keys().filter_map(|job| job.parse().ok()).collect()
    }

    /// The entry of a job.
    pub fn get(&self, job: &Address) -> Option<JournalEntry> {
        self.lock_entries().get(&job.to_string()).cloned()
    }

    /// Returns the entry of a job if it belongs to this run.
    pub fn find_run(
        &self,
        job: &Address,
        definition: [u8; 32],
        started_at: i64,
    ) -> Option<JournalEntry> {
        self.get(job).filter(|entry| entry.matches_run(definition, started_at))
    }

    /// Writes an entry, replacing an earlier one of the job. The disk has the entry when this
    /// returns.
    pub fn put_entry(&self, job: &Address, entry: JournalEntry) -> Result<()> {
        self.change_entries(|entries| entries.insert(job.to_string(), entry))
    }

    /// Removes the entry of a job.
    pub fn remove_entry(&self, job: &Address) -> Result<()> {
        if self.get(job).is_none() {
            return Ok(());
        }

        self.change_entries(|entries| entries.remove(&job.to_string()))
    }

    /// Removes an entry that the chain contradicts. One with a trace is removed only once the chain
    /// has done so for `time`: an RPC server that is behind shows a job as it was before its result.
    pub fn remove_contradicted(&self, job: &Address, time: Duration) -> Result<()> {
        if self.has_trace(job) {
            let since = *self.lock_doubts().entry(*job).or_insert_with(Instant::now);
            if since.elapsed() < time {
                return Ok(());
            }
        }

        self.confirm_entry(job);
        self.remove_entry(job)
    }

    /// The chain agrees with the entry.
    pub fn confirm_entry(&self, job: &Address) {
        self.lock_doubts().remove(job);
    }

    /// Whether the entry of the job has a trace.
    pub fn has_trace(&self, job: &Address) -> bool {
        self.get(job).is_some_and(|entry| entry.trace.is_some())
    }

    /// Records that the chain has the job's result.
    pub fn mark_committed(&self, job: &Address) -> Result<()> {
        match self.get(job) {
            Some(entry) => self.put_entry(job, JournalEntry { committed: true, ..entry }),
            None => Ok(()),
        }
    }

    fn change_entries(
        &self,
        change: impl FnOnce(&mut Entries) -> Option<JournalEntry>,
    ) -> Result<()> {
        let mut entries = self.lock_entries();
        let mut changed = entries.clone();
        change(&mut changed);

        if let Some(path) = &self.path {
            write_json(path, &changed)
                .with_context(|| format!("cannot write the journal {}", path.display()))?;
        }

        *entries = changed;
        Ok(())
    }

    /// A thread that panicked left the map intact: the map is replaced, never changed in place.
    fn lock_entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_doubts(&self) -> MutexGuard<'_, BTreeMap<Address, Instant>> {
        self.doubts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use nosana_job_spec::ContentId;
    use solana_address::Address;

    use super::{Journal, JournalEntry, Trace};

    #[test]
    fn outlives_its_process_and_refuses_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.json");
        let job = Address::new_from_array([1; 32]);
        let definition = ContentId::from_digest([2; 32]);
        let trace = Some(Trace::with_salt([3; 32], [4; 32]));
        let entry =
            JournalEntry { definition, started_at: 7, result: None, trace, committed: false };
        Journal::open(&path).unwrap().put_entry(&job, entry.clone()).unwrap();

        let again = Journal::open(&path).unwrap();
        assert_eq!((again.job_addresses(), again.get(&job)), (vec![job], Some(entry.clone())));
        assert!(
            entry.matches_run([2; 32], 7)
                && !entry.matches_run([2; 32], 8)
                && !entry.matches_run([3; 32], 7)
        );

        again.remove_entry(&job).unwrap();
        assert!(Journal::open(&path).unwrap().job_addresses().is_empty());

        std::fs::write(&path, b"{\"half").unwrap();
        let error = format!("{:#}", Journal::open(&path).unwrap_err());
        assert!(error.contains("restore the file"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"{\"half", "it may be repaired");
    }

    #[test]
    fn one_stale_read_does_not_remove_a_trace() {
        let journal = Journal::default();
        let [plain, traced] = [[1; 32], [2; 32]].map(Address::new_from_array);
        let entry = JournalEntry::new([2; 32], 7);
        let trace = Some(Trace::with_salt([3; 32], [4; 32]));
        journal.put_entry(&plain, entry.clone()).unwrap();
        journal.put_entry(&traced, JournalEntry { trace, ..entry }).unwrap();

        let hour = Duration::from_secs(3_600);
        for job in [&plain, &traced] {
            journal.remove_contradicted(job, hour).unwrap();
        }
        assert_eq!(journal.job_addresses(), [traced]);

        // The doubts begin anew after the chain has agreed.
        thread::sleep(Duration::from_millis(20));
        journal.confirm_entry(&traced);
        journal.remove_contradicted(&traced, Duration::from_millis(20)).unwrap();
        assert!(journal.has_trace(&traced));
        thread::sleep(Duration::from_millis(20));
        journal.remove_contradicted(&traced, Duration::from_millis(20)).unwrap();
        assert!(!journal.has_trace(&traced));
    }
}
