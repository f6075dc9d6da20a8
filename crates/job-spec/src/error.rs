//! Errors of parsing identifiers.

/// A text that is not a content identifier of this network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a valid content identifier: {reason}; use a CIDv0, 46 characters that begin \
     with Qm"
)]
pub struct InvalidContentId {
    /// The text, shortened to 100 characters.
    pub text: String,
    /// Why it is not valid.
    pub reason: String,
}

/// A text that is not a model's digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a valid model digest; use `sha256:` and the 64 lowercase hexadecimal digits \
     of the model's weights"
)]
pub struct InvalidModelDigest {
    /// The text, shortened to 100 characters.
    pub text: String,
}
