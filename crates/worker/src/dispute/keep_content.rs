//! Keeps what may be disputed in the store: a panel that cannot have a result calls it wrong.

use std::time::Duration;

use nosana_job_spec::{ContentId, JobResult};
use nosana_store::{MAX_JSON_BYTES, Store, StoreError};
use tokio::task::spawn_blocking;

use crate::{journal::JournalEntry, worker::Worker};

/// How often the content is used: the store keeps what was used in the last day, or for longer.
pub(crate) const KEEP_INTERVAL: Duration = Duration::from_secs(2 * 3_600);

impl Worker {
    /// Uses the content of every verified result that is not settled, so that the store does not
    /// remove it.
    pub(crate) async fn keep_disputable_content(&self) {
        for job in self.journal.job_addresses() {
            let Some(JournalEntry { definition, result: Some(result), trace: Some(_), .. }) =
                self.journal.get(&job)
            else {
                continue;
            };

            let store = self.config.store.clone();
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

    /// Returns how many results of this node can still be disputed, by its journal.
    pub(crate) fn count_disputable_results(&self) -> usize {
        let jobs = self.journal.job_addresses().into_iter();
        let entries = jobs.filter_map(|job| self.journal.get(&job));
        entries.filter(|entry| entry.committed && entry.trace.is_some()).count()
    }
}

/// Reads all blocks of a definition, a result and its outputs.
fn use_content(
    store: &Store,
    definition: &ContentId,
    result: &ContentId,
) -> Result<(), StoreError> {
    store.get(definition, MAX_JSON_BYTES)?;
    let result: JobResult = store.get_json(result)?;
    for output in result.ops.iter().filter_map(|operation| operation.output) {
        store.get(&output, MAX_JSON_BYTES)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File, FileTimes},
        path::Path,
        time::SystemTime,
    };

    use nosana_job_spec::{EngineInfo, OperationResult};

    use super::*;

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

    #[test]
    fn used_content_outlives_garbage_collection() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let [definition, output, idle] =
            [b"definition", b"the output", b"idle bytes"].map(|bytes| store.put(bytes).unwrap());
        let engine = EngineInfo { device: "a".into(), backend: "cpu".into() };
        let operations = vec![OperationResult::ok("a", 1, 2, output)];
        let result = store.put_json(&JobResult::new(definition, operations, engine)).unwrap();
        age_files(folder.path());

        use_content(&store, &definition, &result).unwrap();
        store.collect_garbage(DAY).unwrap();
        for kept in [definition, output, result] {
            store.get(&kept, MAX_JSON_BYTES).unwrap();
        }
        assert!(store.get(&idle, MAX_JSON_BYTES).is_err());
    }
}
