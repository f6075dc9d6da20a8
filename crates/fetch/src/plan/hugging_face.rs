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

/// Requests the files of a revision. `wanted` are the ones to fetch, all if it is empty; `is_flat`:
/// they are stored without their folders.
pub(super) fn plan_repository(
    repository: &str,
    revision: &str,
    wanted: &[String],
    is_flat: bool,
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
    Ok(plan_files(repository, found, wanted, is_flat))
}

/// Plans the download of the wanted files of a commit.
fn plan_files(repository: &str, found: Revision, wanted: &[String], is_flat: bool) -> Plan {
    let commit = found.sha;
    let is_wanted = |sibling: &Sibling| wanted.is_empty() || wanted.contains(&sibling.rfilename);
    let siblings: Vec<Sibling> = found.siblings.into_iter().filter(is_wanted).collect();

    let mut version = commit.clone();
    if is_flat {
        // Files of one name in different folders have one path here, and different contents.
        let names = siblings.iter().map(|sibling| format!("\n{}", sibling.rfilename));
        version.extend(names);
    }

    let files = siblings.into_iter().map(|sibling| PlannedFile {
        source: FileSource::Location(ModelLocation::HuggingFace {
            repository: repository.to_owned(),
            revision: commit.clone(),
            path: sibling.rfilename.clone(),
        }),
        path: if is_flat { last_part(&sibling.rfilename) } else { sibling.rfilename },
        size_bytes: sibling.size,
        sha256: sibling.lfs.and_then(|large| Digest::from_hex(&large.sha256?)),
    });
    Plan { files: files.collect(), version: Some(version), mount_points: Vec::new() }
}

/// The last part of a path.
fn last_part(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(wanted: &[&str], is_flat: bool) -> Plan {
        let siblings = ["config.json", "vae/config.json", "vae/a.bin", "unet/config.json"]
            .map(|name| Sibling { rfilename: name.to_owned(), size: Some(1), lfs: None });
        let found = Revision { sha: "0a1b".to_owned(), siblings: siblings.into() };
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        plan_files("org/model", found, &wanted, is_flat)
    }

    fn list_paths(plan: &Plan) -> Vec<&str> {
        plan.files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn files_keep_their_folders_unless_they_are_flat() {
        let wanted = ["vae/a.bin", "config.json"];
        assert_eq!(list_paths(&plan(&wanted, false)), ["config.json", "vae/a.bin"]);

        let flat = plan(&wanted, true);
        assert_eq!(list_paths(&flat), ["config.json", "a.bin"]);
        let FileSource::Location(ModelLocation::HuggingFace { path, .. }) = &flat.files[1].source
        else {
            panic!("{:?}", flat.files[1])
        };
        assert_eq!(path, "vae/a.bin", "the source has its folder");
        assert!(plan(&["vae/config.json", "config.json"], true).check_files().is_err());
    }

    #[test]
    fn flat_files_of_one_name_have_versions_of_their_own() {
        let kept = plan(&["config.json"], false);
        let [flat, other] = ["vae/config.json", "unet/config.json"].map(|name| plan(&[name], true));
        for one in [&kept, &flat, &other] {
            assert_eq!(list_paths(one), ["config.json"]);
        }
        assert_eq!(kept.version.as_deref(), Some("0a1b"));
        assert!(kept.version != flat.version && flat.version != other.version);
    }
}
