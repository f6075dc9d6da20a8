//! Errors of reading and validating a job definition.

use super::{DEFINITION_VERSION, PUBLISHED_VERSION};

/// The longest part of a refused text that an error repeats, in characters.
const MAX_QUOTED_CHARACTERS: usize = 100;

/// A definition that cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// It is not JSON of the right shape.
    #[error("the job definition cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It is not a text in UTF-8.
    #[error("the job definition {0}")]
    Encoding(String),
    /// Its version is not one that this crate reads.
    #[error(
        "/version: `{0}` is not a supported version; use `{DEFINITION_VERSION}` or \
         `{PUBLISHED_VERSION}`"
    )]
    UnsupportedVersion(String),
    /// A field has a value that is not allowed.
    #[error("{pointer}: {problem}")]
    Invalid {
        /// The field, as a JSON pointer (RFC 6901).
        pointer: String,
        /// What is wrong with it, and what is allowed.
        problem: String,
    },
}

impl DefinitionError {
    /// An error that quotes this version.
    pub(super) fn unsupported_version(version: &str) -> Self {
        Self::UnsupportedVersion(shorten(version))
    }
}

/// Refuses the field at `pointer`.
pub(super) fn refuse_field<T>(
    pointer: impl Into<String>,
    problem: impl Into<String>,
) -> Result<T, DefinitionError> {
    Err(DefinitionError::Invalid { pointer: pointer.into(), problem: problem.into() })
}

/// The beginning of a text that an error quotes.
pub(super) fn shorten(text: &str) -> String {
    text.chars().take(MAX_QUOTED_CHARACTERS).collect()
}
