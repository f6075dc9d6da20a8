//! A repository at Hugging Face. Its revision becomes a commit, whose files do not change.

use nosana_job_spec::{Digest, ModelLocation};
use serde::Deserialize;

use super::{FileSource, MAX_DESCRIPTION_BYTES, Plan, PlannedFile};
use crate::{
    Downloader,
    source::{encode_path, hugging_face_url},
};

/// What the interface of Hugging Face says about a revision.
#[derive(Deserialize)]
struct Revision {
    /// The commit.
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    lfs: Option<LargeFile>,
}

/// A file that is stored outside of git, by its digest.
#[derive(Deserialize)]
struct LargeFile {
    sha256: Option<String>,
}

/// Requests the files of a revision. `wanted` are the ones to fetch; all if it is empty.
pub(super) fn plan_repository(
    repository: &str,
    revision: &str,
    wanted: &[String],
    downloader: &Downloader,
) -> Result<Plan, String> {
    let base = hugging_face_url();
    let revision = encode_path(revision).replace('/', "%2F");
    let url = format!("{base}/api/models/{repository}/revision/{revision}?blobs=true");
    let text = downloader.get_repository(&url, MAX_DESCRIPTION_BYTES)?;
    let found: Revision = serde_json::from_str(&text).map_err(|error| format!("{url}: {error}"))?;

    for name in wanted {
        if !found.siblings.iter().any(|sibling| sibling.rfilename == *name) {
            return Err(format!("{url}: the file `{name}` does not exist"));
        }
    }
    if found.sha.is_empty() || !found.sha.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(format!("{url}: it names no commit"));
    }

    let commit = found.sha;
    let is_wanted = |sibling: &Sibling| wanted.is_empty() || wanted.contains(&sibling.rfilename);
    let files = found.siblings.into_iter().filter(is_wanted).map(|sibling| PlannedFile {
        source: FileSource::Location(ModelLocation::HuggingFace {
            repository: repository.to_owned(),
            revision: commit.clone(),
            path: sibling.rfilename.clone(),
        }),
        path: sibling.rfilename,
        size_bytes: sibling.size,
        sha256: sibling.lfs.and_then(|large| Digest::from_hex(&large.sha256?)),
    });
    Ok(Plan { files: files.collect(), version: Some(commit), mount_points: Vec::new() })
}
