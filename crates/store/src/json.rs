//! JSON files in the store, among them job definitions.

use serde::{Serialize, de::DeserializeOwned};

use nosana_job_spec::{ContentId, JobDefinition};

use crate::{Store, StoreError};

/// The largest JSON file that [`Store::put_json`] writes and [`Store::get_json`] reads.
pub const MAX_JSON_BYTES: u64 = 16 * 1024 * 1024;

impl Store {
    /// Stores a value as compact JSON, fields in the order in which its type declares them.
    pub fn put_json<T: Serialize>(&self, value: &T) -> Result<ContentId, StoreError> {
        let bytes = serde_json::to_vec(value).map_err(StoreError::Unwritable)?;
        let size_bytes = bytes.len() as u64;

        if size_bytes > MAX_JSON_BYTES {
            return Err(StoreError::TooLarge {
                what: "the JSON".into(),
                size_bytes,
                limit_bytes: MAX_JSON_BYTES,
            });
        }
        self.put(&bytes)
    }

    /// Reads a value that was stored as JSON.
    pub fn get_json<T: DeserializeOwned>(&self, id: &ContentId) -> Result<T, StoreError> {
        let bytes = self.get(id, MAX_JSON_BYTES)?;

        serde_json::from_slice(&bytes).map_err(|source| StoreError::Json { id: *id, source })
    }

    /// Reads and validates the job definition `id`. Every hash is checked.
    ///
    /// # Errors
    /// If the definition is missing or damaged, or is not valid.
    pub fn get_definition(&self, id: &ContentId) -> Result<JobDefinition, StoreError> {
        let bytes = self.get(id, MAX_JSON_BYTES)?;

        JobDefinition::from_json(&bytes)
            .map_err(|source| StoreError::Definition { id: *id, source: Box::new(source) })
    }
}
