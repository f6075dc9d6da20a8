//! What every operation of a job gets.

use std::{
    io::{Read, Seek},
    path::Path,
};

use nosana_job_spec::ContentId;
use nosana_sandbox::CancelToken;
use nosana_store::{Store, StoreError};
use serde::Serialize;

use crate::{
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

    /// A batch job is cancelled at its deadline. Nothing cancels a service, and one whose output
    /// cannot be stored must start again.
    fn retry(&self) -> WriteRetry<'_> {
        let max_time = self.is_service().then_some(UNBOUNDED_RETRY_TIME);
        WriteRetry { cancel: self.cancel, max_time }
    }
}
