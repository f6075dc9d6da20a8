//! Files that a node fetches for a container before it starts.
//!
//! ```json
//! "resources": [
//!   { "type": "HF", "repo": "org/model", "revision": "main", "target": "/models" },
//!   { "type": "http", "url": "https://example.org/data.bin", "sha256": "…", "target": "/data" }
//! ]
//! ```

mod files;
mod forms;
mod placed;
mod targets;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::{
    files::check_flat_files,
    forms::{
        BUCKET, OLLAMA_MODEL, REPOSITORY, REVISION, S3_URL, WEB_URL, bucket_schema, check_files,
        check_form, files_schema, ollama_schema, repository_schema, revision_schema, s3_url_schema,
        sha256_schema, web_url_schema,
    },
    targets::check_targets,
};
pub use self::{
    files::web_file_name,
    placed::{PlacedResource, place_resources},
};
use super::{
    checks::check_max_count,
    container_path::{check_mount_path, container_path_schema},
    error::{DefinitionError, refuse_field},
    path::check_path,
};
use crate::{Digest, ModelLocation};

/// The most resources of one container.
pub const MAX_RESOURCES: usize = 16;
/// Where Ollama looks for models in its own image.
pub const OLLAMA_FOLDER: &str = "/root/.ollama/models";

/// Files that a node fetches for a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Resource {
    /// Files of a repository at Hugging Face.
    #[serde(rename = "HF")]
    HuggingFace {
        /// The organization and the name of a public repository of a model.
        #[schemars(schema_with = "repository_schema")]
        repo: String,
        /// A branch, tag or commit; defaults to `main`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(schema_with = "revision_schema")]
        revision: Option<String>,
        /// The files; defaults to all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(schema_with = "files_schema")]
        files: Vec<String>,
        /// Whether each of `files` is in the folder itself, with the last part of its path as its
        /// name.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        flat: bool,
        /// The folder in which the container finds them.
        #[schemars(schema_with = "container_path_schema")]
        target: String,
    },
    /// Objects of a public bucket.
    #[serde(rename = "S3")]
    S3 {
        /// The URL of the bucket or of a folder in it: `https://host/folder`, or
        /// `s3://bucket/folder`.
        #[schemars(schema_with = "s3_url_schema")]
        url: String,
        /// The bucket, if `url` is that of the server.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(schema_with = "bucket_schema")]
        bucket: Option<String>,
        /// The objects, relative to the folder; defaults to all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(schema_with = "files_schema")]
        files: Vec<String>,
        /// The folder in which the container finds them.
        #[schemars(schema_with = "container_path_schema")]
        target: String,
        /// Whether the container gets a copy that it can change.
        #[serde(default, rename = "allowWrite", skip_serializing_if = "std::ops::Not::not")]
        allow_write: bool,
    },
    /// A model of Ollama's registry, in the layout of Ollama.
    Ollama {
        /// The model, such as `qwen3:8b` or `user/model:tag`.
        #[schemars(schema_with = "ollama_schema")]
        model: String,
        /// The folder of models in the container; defaults to that of Ollama's own image.
        #[serde(default = "default_ollama_folder")]
        #[schemars(schema_with = "container_path_schema")]
        target: String,
    },
    /// One file of a web server.
    #[serde(rename = "http")]
    Http {
        /// The URL. The file gets the last part of its path as its name.
        #[schemars(schema_with = "web_url_schema")]
        url: String,
        /// The file's SHA-256. Without it, nodes do not keep the file for later jobs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(schema_with = "sha256_schema")]
        sha256: Option<String>,
        /// The folder in which the container finds it.
        #[schemars(schema_with = "container_path_schema")]
        target: String,
    },
}

impl Resource {
    /// The folder in which the container finds the files.
    pub fn target(&self) -> &str {
        match self {
            Self::HuggingFace { target, .. }
            | Self::S3 { target, .. }
            | Self::Ollama { target, .. }
            | Self::Http { target, .. } => target,
        }
    }

    /// Whether the container gets a copy that it can change.
    pub fn is_writable(&self) -> bool {
        match self {
            Self::S3 { allow_write, .. } => *allow_write,
            Self::HuggingFace { .. } | Self::Ollama { .. } | Self::Http { .. } => false,
        }
    }

    /// Its name in messages.
    pub fn describe(&self) -> String {
        match self {
            Self::HuggingFace { repo, revision, .. } => {
                let revision = revision.as_deref().unwrap_or("main");
                format!("`{repo}` at Hugging Face, revision `{revision}`")
            }
            Self::S3 { url, bucket: None, .. } | Self::Http { url, .. } => format!("`{url}`"),
            Self::S3 { url, bucket: Some(bucket), .. } => format!("`{bucket}` at `{url}`"),
            Self::Ollama { model, .. } => format!("`{model}` of Ollama's registry"),
        }
    }

    /// The digest that its file must have, if it is a single file with one.
    pub fn sha256(&self) -> Option<Digest> {
        match self {
            Self::Http { sha256: Some(text), .. } => parse_sha256(text),
            Self::Http { sha256: None, .. }
            | Self::HuggingFace { .. }
            | Self::S3 { .. }
            | Self::Ollama { .. } => None,
        }
    }

    fn validate_resource(&self, pointer: &str) -> Result<(), DefinitionError> {
        match self {
            Self::HuggingFace { repo, revision, files, flat, .. } => {
                check_form(&format!("{pointer}/repo"), repo, REPOSITORY, "org/name")?;
                if let Some(revision) = revision {
                    check_form(&format!("{pointer}/revision"), revision, REVISION, "main")?;
                    check_path(&format!("{pointer}/revision"), revision, false)?;
                }
                check_files(&format!("{pointer}/files"), files)?;
                if *flat {
                    check_flat_files(pointer, files)?;
                }
            }
            Self::S3 { url, bucket, files, .. } => {
                let url_pointer = format!("{pointer}/url");
                check_form(&url_pointer, url, S3_URL, "https://bucket.example.org/folder")?;
                if let Some(bucket) = bucket {
                    check_form(&format!("{pointer}/bucket"), bucket, BUCKET, "my-bucket")?;
                }
                check_files(&format!("{pointer}/files"), files)?;
            }
            Self::Ollama { model, .. } => {
                check_form(&format!("{pointer}/model"), model, OLLAMA_MODEL, "qwen3:8b")?;
            }
            Self::Http { url, sha256, .. } => {
                let url_pointer = format!("{pointer}/url");
                check_form(&url_pointer, url, WEB_URL, "https://example.org/file")?;
                if let Err(error) = url.parse::<ModelLocation>() {
                    return refuse_field(url_pointer, error.to_string());
                }
                if let Some(text) = sha256
                    && parse_sha256(text).is_none()
                {
                    return refuse_field(
                        format!("{pointer}/sha256"),
                        "must be 64 lowercase hexadecimal digits; `sha256sum FILE` prints them",
                    );
                }
            }
        }
        check_mount_path(&format!("{pointer}/target"), self.target())
    }
}

fn parse_sha256(text: &str) -> Option<Digest> {
    Digest::from_hex(text.strip_prefix("sha256:").unwrap_or(text))
}

fn default_ollama_folder() -> String {
    OLLAMA_FOLDER.to_owned()
}

/// Checks the resources of a container. `volumes` are the paths of its volumes.
pub(super) fn check_resources(
    pointer: &str,
    resources: &[Resource],
    volumes: &[&str],
) -> Result<(), DefinitionError> {
    check_max_count(pointer, "resources", resources.len(), MAX_RESOURCES)?;

    for (index, resource) in resources.iter().enumerate() {
        resource.validate_resource(&format!("{pointer}/{index}"))?;
    }
    check_targets(pointer, resources, volumes)
}
