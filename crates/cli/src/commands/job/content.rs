//! Reading content of a job from the store. Every read checks the hashes.

use anyhow::{Context, Error, Result};
use nosana_job_spec::{ContentId, JobDefinition};
use nosana_store::{Store, StoreError};
use serde::de::DeserializeOwned;

/// Why a read failed, and what to do next.
const UNREADABLE: &str =
    "the store lacks this content, or a part of it; name the node's store with --store";

/// Reads a file of at most `max_bytes`.
pub fn read_bytes(store: &Store, id: &ContentId, max_bytes: u64) -> Result<Vec<u8>> {
    store.get(id, max_bytes).context(UNREADABLE)
}

/// Reads and parses a JSON file.
pub fn read_json<T: DeserializeOwned>(store: &Store, id: &ContentId) -> Result<T> {
    store.get_json(id).context(UNREADABLE)
}

/// Reads and validates a definition. Other clients may have listed it in the published schema.
pub fn read_definition(store: &Store, id: &ContentId) -> Result<JobDefinition> {
    store.get_definition(id).map_err(|error| match error {
        // The store has it: another store would not help.
        StoreError::Definition { .. } => Error::new(error),
        other => Error::new(other).context(UNREADABLE),
    })
}
