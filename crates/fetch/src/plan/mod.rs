//! The files of which a resource consists.
//!
//! | module | purpose |
//! | --- | --- |
//! | `http` | one file of a web server |
//! | `hugging_face` | a repository at Hugging Face |
//! | `s3`, `s3_bucket`, `s3_list` | a public bucket; what its URL names; its list of objects |
//! | `ollama` | a model of Ollama's registry |
//! | `check` | which files a resource may have |

mod check;
mod http;
mod hugging_face;
mod ollama;
mod s3;
mod s3_bucket;
mod s3_list;

use std::collections::BTreeSet;

use nosana_job_spec::{Digest, ModelLocation, PlacedResource, Resource};

use self::check::parent_folders;
use crate::{
    Downloader,
    disk::{FOLDER_BYTES, disk_bytes},
    fetch_time::FetchTime,
};

/// The most files of one resource.
const MAX_FILES: usize = 10_000;
/// The longest answer that describes a resource, in bytes.
const MAX_DESCRIPTION_BYTES: u64 = 16 << 20;

/// The files of a resource.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What the content depends on. Without it, the files may change at any time, and nobody could
    /// find that out.
    pub version: Option<String>,
    pub files: Vec<PlannedFile>,
    /// Folders of it that are empty: other resources are mounted there.
    pub mount_points: Vec<String>,
}

/// One file of a resource.
#[derive(Debug)]
pub(crate) struct PlannedFile {
    /// Its path below the resource's folder.
    pub path: String,
    pub source: FileSource,
    /// Its size, if that is known before the download.
    pub size_bytes: Option<u64>,
    /// The digest that it must have.
    pub sha256: Option<Digest>,
}

/// Where the content of a file is.
#[derive(Debug)]
pub(crate) enum FileSource {
    /// At a source.
    Location(ModelLocation),
    /// Here: it was a part of the description.
    Content(Vec<u8>),
}

impl Plan {
    /// Asks the source of a resource which files it has. The error names the URL.
    pub fn make(
        placed: &PlacedResource,
        downloader: &Downloader,
        time: &FetchTime<'_>,
    ) -> Result<Self, String> {
        let mut plan = match &placed.resource {
            Resource::Http { url, .. } => http::plan_file(url, placed.resource.sha256()),
            Resource::HuggingFace { repo, revision, files, flat, .. } => {
                let revision = revision.as_deref().unwrap_or("main");
                hugging_face::plan_repository(repo, revision, files, *flat, downloader)?
            }
            Resource::S3 { url, bucket, files, .. } => {
                s3::plan_objects(url, bucket.as_deref(), files, downloader, time)?
            }
            Resource::Ollama { model, .. } => ollama::plan_model(model, downloader)?,
        };

        plan.mount_points.clone_from(&placed.mount_points);
        plan.check_files()?;
        Ok(plan)
    }

    /// The room that all files take, as far as their sizes are known.
    pub fn known_bytes(&self) -> u64 {
        let sizes = self.files.iter().map(|file| disk_bytes(file.size_bytes.unwrap_or_default()));
        sizes.fold(self.folder_bytes(), u64::saturating_add)
    }

    /// The room that the folders take.
    pub fn folder_bytes(&self) -> u64 {
        (self.folders().len() as u64 + 1).saturating_mul(FOLDER_BYTES)
    }

    /// Whether the sizes of all files are known.
    pub fn has_sizes(&self) -> bool {
        self.files.iter().all(|file| file.size_bytes.is_some())
    }

    /// The folders below the resource's folder.
    pub fn folders(&self) -> BTreeSet<&str> {
        let parents = self.files.iter().flat_map(|file| parent_folders(&file.path));
        let points = self.mount_points.iter().map(String::as_str);
        let above = points.clone().flat_map(parent_folders);
        parents.chain(points).chain(above).collect()
    }
}
