//! A note beside each model: when it was used, and what was found out about its file, so that
//! gigabytes are not read for that again.

use std::{
    fs::{self, Metadata},
    io::Write,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use nosana_job_spec::Digest;
use serde::{Deserialize, Serialize};

use super::{ModelFile, ModelStore};
use crate::models::check_file;

/// What is known about the file of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ModelNote {
    /// The size of the file when its digest was checked.
    pub size_bytes: u64,
    /// The time of the file's last change when its digest was checked, in nanoseconds.
    pub modified_ns: u64,
    /// The last use, in milliseconds since 1970.
    pub used_ms: u64,
    /// The version of the engine that loaded the file in a process of its own.
    pub loaded_by: Option<String>,
}

impl ModelStore {
    /// The note about a model; an empty one if there is none.
    pub(super) fn read_note(&self, digest: Digest) -> ModelNote {
        let path = self.file_path(digest).with_extension("json");
        let text = fs::read_to_string(path).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Changes the note about a model. A note that cannot be written costs time and nothing else.
    pub(super) fn change_note(&self, digest: Digest, change: impl FnOnce(&mut ModelNote)) {
        let mut note = self.read_note(digest);
        change(&mut note);

        let path = self.file_path(digest).with_extension("json");
        let written = serde_json::to_vec(&note).map_err(Into::into).and_then(|json| {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(&json)?;
            file.persist(&path).map(drop).map_err(|error| error.error)
        });
        if let Err(error) = written {
            tracing::debug!(%error, path = %path.display(), "cannot write the note of a model");
        }
    }

    /// Notes that a model is used now.
    pub(super) fn note_use(&self, digest: Digest) {
        self.change_note(digest, |note| note.used_ms = unix_ms(SystemTime::now()));
    }

    /// Notes that the file has its digest.
    pub(super) fn note_checked(&self, digest: Digest) {
        let Ok(metadata) = fs::metadata(self.file_path(digest)) else { return };

        self.change_note(digest, |note| {
            *note = ModelNote {
                size_bytes: metadata.len(),
                modified_ns: modified_ns(&metadata),
                used_ms: unix_ms(SystemTime::now()),
                loaded_by: None,
            };
        });
    }

    /// Whether the file exists and has its digest. Reads the whole file only if it has changed
    /// since the last check.
    pub(super) fn has_checked(&self, digest: Digest) -> bool {
        let path = self.file_path(digest);
        let Ok(metadata) = fs::metadata(&path) else { return false };
        let note = self.read_note(digest);

        if note.size_bytes == metadata.len() && note.modified_ns == modified_ns(&metadata) {
            return true;
        }
        let is_right = check_file(&path, digest).is_ok();
        if is_right {
            self.note_checked(digest);
        }
        is_right
    }

    /// Whether this version of the engine has loaded the file in a process of its own.
    pub(crate) fn was_loaded_by(&self, file: &ModelFile, version: &str) -> bool {
        self.read_note(file.digest().0).loaded_by.as_deref() == Some(version)
    }

    /// Notes that this version of the engine has loaded the file.
    pub(crate) fn note_loaded(&self, file: &ModelFile, version: &str) {
        self.change_note(file.digest().0, |note| note.loaded_by = Some(version.to_owned()));
    }

    /// When a model was used last: as noted, else when its file was written.
    pub(super) fn last_use_ms(&self, digest: Digest, path: &Path) -> u64 {
        let noted = self.read_note(digest).used_ms;
        let written = || fs::metadata(path).and_then(|metadata| metadata.modified()).ok();

        if noted > 0 { noted } else { written().map_or(0, unix_ms) }
    }
}

fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn modified_ns(metadata: &Metadata) -> u64 {
    let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
