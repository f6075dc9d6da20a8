//! Job definitions in the store.

use nosana_job_spec::{ContentId, JobDefinition};

use crate::{MAX_JSON_BYTES, Store, StoreError};

impl Store {
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
