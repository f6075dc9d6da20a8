//! A model of Ollama's registry: a manifest and blobs, in the folders in which Ollama looks for
//! them.

use std::collections::BTreeSet;

use nosana_job_spec::{Digest, ModelLocation};
use serde::Deserialize;

use super::{FileSource, MAX_DESCRIPTION_BYTES, Plan, PlannedFile};
use crate::Downloader;

/// The registry that the layout of Ollama names.
const REGISTRY_HOST: &str = "registry.ollama.ai";
/// The environment variable with the URL of another server that has the models of the registry.
const REGISTRY_VARIABLE: &str = "NOSANA_OLLAMA_REGISTRY";
const MANIFEST_TYPE: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// The namespace of models without one.
const DEFAULT_NAMESPACE: &str = "library";
const DEFAULT_TAG: &str = "latest";

#[derive(Deserialize)]
struct Manifest {
    config: Blob,
    #[serde(default)]
    layers: Vec<Blob>,
}

#[derive(Deserialize)]
struct Blob {
    digest: String,
    size: u64,
}

/// Requests the manifest of a model.
pub(super) fn plan_model(model: &str, downloader: &Downloader) -> Result<Plan, String> {
    let (name, tag) = model.split_once(':').unwrap_or((model, DEFAULT_TAG));
    let name = match name.split_once('/') {
        None => format!("{DEFAULT_NAMESPACE}/{name}"),
        Some((_, rest)) if rest.contains('/') => {
            return Err(format!(
                "`{model}` names another registry; nodes ask {REGISTRY_HOST} only"
            ));
        }
        Some(_) => name.to_owned(),
    };

    let base = registry_url();
    let url = format!("{base}/v2/{name}/manifests/{tag}");
    let text = downloader.get_text(&url, MANIFEST_TYPE, MAX_DESCRIPTION_BYTES)?;
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|error| format!("{url}: {error}"))?;

    let mut files = Vec::new();
    let mut paths = BTreeSet::new();
    for blob in std::iter::once(manifest.config).chain(manifest.layers) {
        let digest = blob.digest.strip_prefix("sha256:").and_then(Digest::from_hex);
        let digest = digest.ok_or_else(|| format!("{url}: a blob has no SHA-256"))?;
        let path = format!("blobs/sha256-{digest}");

        // Layers may be equal.
        if !paths.insert(path.clone()) {
            continue;
        }
        let source = ModelLocation::Web(format!("{base}/v2/{name}/blobs/sha256:{digest}"));
        files.push(PlannedFile {
            path,
            source: FileSource::Location(source),
            size_bytes: Some(blob.size),
            sha256: Some(digest),
        });
    }

    let version = Digest::of(text.as_bytes()).to_string();
    files.push(PlannedFile {
        path: format!("manifests/{REGISTRY_HOST}/{name}/{tag}"),
        size_bytes: Some(text.len() as u64),
        source: FileSource::Content(text.into_bytes()),
        sha256: None,
    });
    Ok(Plan { version: Some(version), files, mount_points: Vec::new() })
}

fn registry_url() -> String {
    let other = std::env::var(REGISTRY_VARIABLE).ok().filter(|url| !url.is_empty());
    match other {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("https://{REGISTRY_HOST}"),
    }
}
