//! Errors of parsing identifiers.

/// A text that is not a content identifier of this network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a content identifier: {reason}; expected a CIDv0, 46 characters that begin with Qm"
)]
pub struct InvalidContentId {
    /// What was given, cut to 100 characters.
    pub text: String,
    /// Why it was refused.
    pub reason: String,
}

/// A text that does not name a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` does not name a model: expected `sha256:` and the 64 lowercase hexadecimal digits of its weights"
)]
pub struct InvalidModelDigest {
    /// What was given, cut to 100 characters.
    pub text: String,
}
