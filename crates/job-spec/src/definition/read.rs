//! JSON of either version to a [`JobDefinition`].

use serde::Deserialize;

use super::{
    DEFINITION_VERSION, PUBLISHED_VERSION, encoding::decode_definition, error::DefinitionError,
    job_definition::JobDefinition, published::convert::read_published,
};

impl JobDefinition {
    /// Reads and validates a definition. One of [`PUBLISHED_VERSION`] becomes one of
    /// [`DEFINITION_VERSION`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, DefinitionError> {
        /// The version alone, so that the error about a later version names the version instead of
        /// its first unknown field.
        #[derive(Deserialize)]
        struct Versioned {
            version: String,
        }

        let text = decode_definition(bytes)?;
        let Versioned { version } = serde_json::from_str(text)?;

        if version == PUBLISHED_VERSION {
            return read_published(text);
        }
        if version != DEFINITION_VERSION {
            return Err(DefinitionError::unsupported_version(&version));
        }

        let definition: Self = serde_json::from_str(text)?;
        definition.validate()?;
        Ok(definition)
    }
}
