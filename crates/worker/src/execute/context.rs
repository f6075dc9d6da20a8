//! What every operation of a job gets.

use std::{
    io::{Read, Seek},
    path::Path,
};

use anyhow::Error;
use nosana_job_spec::{ContentId, OperationResult};
use nosana_sandbox::CancelToken;
use nosana_store::{Store, StoreError};
use serde::Serialize;

use crate::{
    clock::unix_ms,
    live_jobs::LiveRun,
    store_write::{UNBOUNDED_RETRY_TIME, WriteRetry},
};

/// The surroundings of a job's operations.
#[derive(Clone, Copy)]
pub(super) struct JobContext<'a> {
    /// The store that holds inputs and gets outputs.
    pub store: &'a Store,
    /// Ends or cancels the operations. Poll it: stop and keep the result when it is ending, fail when
    /// it is cancelled.
    pub cancel: &'a CancelToken,
    /// Receives what the operations print, and how their ports are reached.
    pub run: &'a LiveRun,
}

impl JobContext<'_> {
    /// Returns whether the operations run until they are ended.
    pub fn is_service(&self) -> bool {
        self.run.is_service()
    }

    /// Stores bytes that the job produced, and tries again while there is time.
    pub fn put_bytes(&self, bytes: &[u8]) -> Result<ContentId, StoreError> {
        self.retry().write(|| self.store.put(bytes))
    }

    /// Stores a value as JSON, and tries again while there is time.
    pub fn put_json<T: Serialize>(&self, value: &T) -> Result<ContentId, StoreError> {
        self.retry().write(|| self.store.put_json(value))
    }

    /// Stores a file from its beginning, and tries again while there is time. Returns its
    /// identifier and its size in bytes. Errors name `source`.
    pub fn put_file(
        &self,
        mut file: impl Read + Seek,
        source: &Path,
    ) -> Result<(ContentId, u64), StoreError> {
        self.retry().write(|| {
            let path = source.to_owned();
            file.rewind().map_err(|source| StoreError::Io { action: "read", path, source })?;
            self.store.put_reader(&mut file, source)
        })
    }

    /// Returns the result of an operation that began at `started` and ends now, and notes why it
    /// failed.
    pub fn conclude_operation(
        &self,
        id: &str,
        started: u64,
        output: Result<ContentId, Error>,
    ) -> OperationResult {
        // The clock may have been set back, and a result that ends before its start is invalid.
        let ended = unix_ms().max(started);

        match output {
            Ok(output) => OperationResult::ok(id, started, ended, output),
            Err(error) => {
                let error = format!("{error:#}");
                self.run.add_note(format_args!("{id} failed: {error}"));
                OperationResult::failed(id, started, ended, error)
            }
        }
    }

    /// A batch job is cancelled at its deadline. Nothing cancels a service, and one whose output
    /// cannot be stored must start again.
    fn retry(&self) -> WriteRetry<'_> {
        let max_time = self.is_service().then_some(UNBOUNDED_RETRY_TIME);
        WriteRetry { cancel: self.cancel, max_time }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use nosana_job_spec::JobDefinition;

    use super::*;

    #[test]
    fn a_clock_that_is_set_back_ends_no_operation_before_its_start() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let run = LiveRun::batch(&JobDefinition::new(Vec::new()));
        let context = JobContext { store: &store, cancel: &CancelToken::default(), run: &run };

        // As if the clock had been an hour ahead at the start.
        let started = unix_ms() + 3_600_000;
        for output in [Ok(ContentId::from_digest([1; 32])), Err(anyhow!("no GPU"))] {
            let result = context.conclude_operation("op", started, output);
            assert_eq!((result.started_unix_ms, result.ended_unix_ms), (started, started));
        }
        let earlier = context.conclude_operation("op", 1, Err(anyhow!("no GPU")));
        assert!(earlier.ended_unix_ms > 1 && earlier.error.as_deref() == Some("no GPU"));
    }
}
