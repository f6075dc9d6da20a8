//! Keeps what may be disputed in the store: a panel that cannot have a result calls it wrong.

use std::{sync::Arc, time::Duration};

use nosana_job_spec::{ContentId, JobResult};
use nosana_store::{MAX_JSON_BYTES, Store, StoreError};
use tokio::task::spawn_blocking;

use crate::{
    journal::{Journal, JournalEntry},
    worker::Worker,
};

/// How often the content is used: the store keeps what was used in the last day, or for longer.
pub(crate) const KEEP_INTERVAL: Duration = Duration::from_secs(2 * 3_600);

/// The content of a node's verified results that are not settled. Code that removes unused content
/// from the node's store uses this first: the node may have been down for longer than the store
/// keeps content.
#[derive(Clone)]
pub struct DisputableContent {
    journal: Arc<Journal>,
    store: Store,
}

impl DisputableContent {
    /// Uses the content, so that the store does not remove it.
    pub async fn keep(&self) {
        for job in self.journal.job_addresses() {
            let Some(JournalEntry { definition, result: Some(result), trace: Some(_), .. }) =
                self.journal.get(&job)
            else {
                continue;
            };

            let store = self.store.clone();
            let using = spawn_blocking(move || use_content(&store, &definition, &result));
            match using.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%job, %error, "a result that may be disputed is not complete");
                }
                Err(error) => tracing::warn!(%job, %error, "reading a result crashed"),
            }
        }
    }
}

impl Worker {
    /// The content of this node's results that may be disputed, by its journal.
    pub fn disputable_content(&self) -> DisputableContent {
        let journal = Arc::clone(&self.journal);
        DisputableContent { journal, store: self.config.store.clone() }
    }

    /// Returns how many results of this node can still be disputed, by its journal.
    pub(crate) fn count_disputable_results(&self) -> usize {
        let jobs = self.journal.job_addresses().into_iter();
        let entries = jobs.filter_map(|job| self.journal.get(&job));
        entries.filter(|entry| entry.committed && entry.trace.is_some()).count()
    }
}

/// Reads all blocks of a definition, a result and its outputs. What is missing does not prevent the
/// use of the others.
fn use_content(
    store: &Store,
    definition: &ContentId,
    result: &ContentId,
) -> Result<(), StoreError> {
    let mut used = store.get(definition, MAX_JSON_BYTES).map(drop);
    let result: JobResult = store.get_json(result)?;
    for output in result.ops.iter().filter_map(|operation| operation.output) {
        used = used.and(store.get(&output, MAX_JSON_BYTES).map(drop));
    }
    used
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File, FileTimes},
        path::Path,
        time::SystemTime,
    };

    use nosana_job_spec::{EngineInfo, OperationResult};
    use solana_address::Address;

    use super::*;
    use crate::dispute::trace::Trace;

    const DAY: Duration = Duration::from_secs(86_400);

    fn age_files(folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                age_files(&path);
            } else {
                let times = FileTimes::new().set_modified(SystemTime::now() - 10 * DAY);
                File::options().write(true).open(path).unwrap().set_times(times).unwrap();
            }
        }
    }

    fn store_result(store: &Store, definition: ContentId, output: ContentId) -> ContentId {
        let engine = EngineInfo { device: "a".into(), backend: "cpu".into() };
        let operations = vec![OperationResult::ok("a", 1, 2, output)];
        store.put_json(&JobResult::new(definition, operations, engine)).unwrap()
    }

    /// The content of two results, of which only the first one has a trace.
    fn two_results(
        store: Store,
        definition: ContentId,
        results: [ContentId; 2],
    ) -> DisputableContent {
        let journal = Arc::new(Journal::default());
        let traces = [Some(Trace::with_salt([3; 32], [4; 32])), None];
        for ((byte, result), trace) in (1..).zip(results).zip(traces) {
            let entry = JournalEntry::new(definition.digest(), 7);
            let entry = JournalEntry { result: Some(result), trace, ..entry };
            journal.put_entry(&Address::new_from_array([byte; 32]), entry).unwrap();
        }
        DisputableContent { journal, store }
    }

    #[tokio::test]
    async fn content_of_the_journals_traces_outlives_garbage_collection() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let [definition, output, idle] =
            [b"definition", b"the output", b"idle bytes"].map(|bytes| store.put(bytes).unwrap());
        let disputable = store_result(&store, definition, output);
        let trusted = store_result(&store, definition, idle);
        age_files(folder.path());

        two_results(store.clone(), definition, [disputable, trusted]).keep().await;
        store.collect_garbage(DAY).unwrap();
        for kept in [definition, output, disputable] {
            store.get(&kept, MAX_JSON_BYTES).unwrap();
        }
        for removed in [idle, trusted] {
            assert!(store.get(&removed, MAX_JSON_BYTES).is_err());
        }
    }

    #[test]
    fn a_missing_definition_does_not_cost_the_result() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let missing = ContentId::from_digest([9; 32]);
        let [output, other] = [b"one", b"two"].map(|bytes| store.put(bytes).unwrap());
        let result = store_result(&store, other, output);
        age_files(folder.path());

        assert!(use_content(&store, &missing, &result).is_err(), "it is reported");
        store.collect_garbage(DAY).unwrap();
        for kept in [output, result] {
            store.get(&kept, MAX_JSON_BYTES).unwrap();
        }
    }
}
