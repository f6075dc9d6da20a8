//! One file of a web server.

use nosana_job_spec::{Digest, ModelLocation};

use super::{FileSource, Plan, PlannedFile};

/// The name of a file whose URL has none.
const DEFAULT_NAME: &str = "download";

/// Plans the download of a file, which is kept for later jobs only if its digest is known.
pub(super) fn plan_file(url: &str, sha256: Option<Digest>) -> Plan {
    let file = PlannedFile {
        path: file_name(url).to_owned(),
        source: FileSource::Location(ModelLocation::Web(url.to_owned())),
        size_bytes: None,
        sha256,
    };
    let version = sha256.map(|digest| digest.to_string());
    Plan { version, files: vec![file], mount_points: Vec::new() }
}

/// The last part of a URL's path.
fn file_name(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let name = path.split_once('/').and_then(|(_, path)| path.rsplit('/').next());

    name.filter(|name| !matches!(*name, "" | "." | "..")).unwrap_or(DEFAULT_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_last_name_of_its_url() {
        for (url, name) in [
            ("https://a.org/b/c.bin?download=true#x", "c.bin"),
            ("https://a.org/b/", "download"),
            ("https://a.org", "download"),
            ("https://a.org/..", "download"),
            ("https://a.org/a%20b", "a%20b"),
        ] {
            assert_eq!(file_name(url), name, "{url}");
        }
    }
}
