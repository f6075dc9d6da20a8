//! JSON files in the store, among them job definitions.

use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

use nosana_job_spec::{ContentId, Digest, JobDefinition};

use crate::{Store, StoreError, write::cut_file};

/// The largest JSON file that [`Store::put_json`] writes and [`Store::get_json`] reads.
pub const MAX_JSON_BYTES: u64 = 16 * 1024 * 1024;

impl Store {
    /// Stores a value as compact JSON, fields in the order in which its type declares them.
    pub fn put_json<T: Serialize>(&self, value: &T) -> Result<ContentId, StoreError> {
        self.put(&encode_json(value)?)
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

/// Returns the identifier that [`Store::put_json`] gives a value, without storing it.
///
/// # Errors
/// If the value cannot be written as JSON, or is too large for a store.
pub fn find_json_id<T: Serialize>(value: &T) -> Result<ContentId, StoreError> {
    let bytes = encode_json(value)?;
    let name_block = |block: &[u8]| Ok(ContentId::from(Digest::of(block)));
    cut_file(&*bytes, Path::new("memory"), name_block).map(|(id, _)| id)
}

fn encode_json<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let bytes = serde_json::to_vec(value).map_err(StoreError::Unwritable)?;
    let size_bytes = bytes.len() as u64;

    if size_bytes > MAX_JSON_BYTES {
        return Err(StoreError::TooLarge {
            what: "the JSON".into(),
            size_bytes,
            limit_bytes: MAX_JSON_BYTES,
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_its_identifier_before_it_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        // In one block, and in several with a root.
        for length in [0, 10, 600_000] {
            let value = vec!["text".repeat(length)];
            let id = find_json_id(&value).unwrap();
            assert!(!store.has_file(&id), "{length}");
            assert_eq!(store.put_json(&value).unwrap(), id, "{length}");
        }
        let too_large = "a".repeat(usize::try_from(MAX_JSON_BYTES).unwrap());
        assert!(matches!(find_json_id(&too_large), Err(StoreError::TooLarge { .. })));
    }
}
