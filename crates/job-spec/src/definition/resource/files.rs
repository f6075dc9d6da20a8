//! The paths of a resource's files in its folder.

use super::Resource;

impl Resource {
    /// The paths in its folder of the files that it names. Without names, they are known once the
    /// source has listed its files.
    pub(super) fn stored_files(&self) -> impl Iterator<Item = &str> {
        let files = match self {
            Self::HuggingFace { files, .. } | Self::S3 { files, .. } => files.as_slice(),
            Self::Ollama { .. } | Self::Http { .. } => &[],
        };
        files.iter().map(String::as_str)
    }
}
