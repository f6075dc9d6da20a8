//! One file of a web server.

use nosana_job_spec::{Digest, ModelLocation, web_file_name};

use super::{FileSource, Plan, PlannedFile};

/// Plans the download of a file, which is kept for later jobs only if its digest is known.
pub(super) fn plan_file(url: &str, sha256: Option<Digest>) -> Plan {
    let file = PlannedFile {
        path: web_file_name(url).to_owned(),
        source: FileSource::Location(ModelLocation::Web(url.to_owned())),
        size_bytes: None,
        sha256,
    };
    let version = sha256.map(|digest| digest.to_string());
    Plan { version, files: vec![file], mount_points: Vec::new() }
}
