//! The files that a command operation keeps.

use anyhow::{Context, Result};
use nosana_job_spec::{Artifact, CommandArgs, LeftOutReport, MAX_ARTIFACT_BYTES, MAX_ARTIFACTS};
use nosana_sandbox::Scratch;

use crate::execute::context::JobContext;

/// The longest name of an artifact, as JSON.
const MAX_NAME_BYTES: usize = 1024;

/// What a command operation keeps, and what it does not.
pub(super) struct CollectedArtifacts {
    pub artifacts: Vec<Artifact>,
    pub left_out: Vec<LeftOutReport>,
}

/// Stores the files that the patterns name. Does so after a failure as well: reports of failed
/// tests matter most.
pub(super) fn collect_artifacts(
    scratch: &Scratch,
    args: &CommandArgs,
    context: JobContext<'_>,
) -> Result<CollectedArtifacts> {
    let found = scratch.collect_files_until(context.cancel, &args.artifacts)?;
    let mut artifacts = Vec::new();
    let mut left_out: Vec<LeftOutReport> = found
        .left_out
        .into_iter()
        .take(MAX_ARTIFACTS)
        .map(|file| LeftOutReport { path: shorten_name(file.path), reason: file.reason })
        .collect();
    let mut leave_out = |path: String, reason: String| {
        left_out.push(LeftOutReport { path: shorten_name(path), reason });
    };

    // Files with holes are larger than the disk limit under which they were written.
    let mut bytes_left = args.limits.disk_bytes();
    for (index, file) in found.files.into_iter().enumerate() {
        if index >= MAX_ARTIFACTS {
            let reason = format!(
                "it and those behind it are more than {MAX_ARTIFACTS} files; pack them into one"
            );
            leave_out(file.path, reason);
            break;
        }
        if let Some(reason) = find_refusal(&file.path, file.size_bytes, bytes_left) {
            leave_out(file.path, reason);
            continue;
        }

        match file.open() {
            Err(error) => leave_out(file.path, error.to_string()),
            Ok(opened) => {
                let (content, size_bytes) =
                    context.put_file(opened, &file.host).context("cannot store an artifact")?;
                bytes_left = bytes_left.saturating_sub(size_bytes);
                artifacts.push(Artifact { path: file.path, size_bytes, content });
            }
        }
    }

    Ok(CollectedArtifacts { artifacts, left_out })
}

/// Returns why a file is not kept, if `bytes_left` of the disk limit are left.
fn find_refusal(path: &str, size_bytes: u64, bytes_left: u64) -> Option<String> {
    if size_bytes > MAX_ARTIFACT_BYTES {
        Some(format!("it has {size_bytes} bytes, more than the limit of {MAX_ARTIFACT_BYTES}"))
    } else if size_bytes > bytes_left {
        Some("with it, the artifacts have more bytes than the disk limit".to_owned())
    } else if is_long_name(path) {
        Some(format!("its name has more than {MAX_NAME_BYTES} bytes in JSON"))
    } else {
        None
    }
}

/// Returns whether a name is so long in JSON that some thousand such names would make the output
/// too large for the store.
fn is_long_name(path: &str) -> bool {
    serde_json::to_string(path).map_or(true, |json| json.len() > MAX_NAME_BYTES)
}

/// Returns the name, or its beginning if it is too long.
fn shorten_name(path: String) -> String {
    if is_long_name(&path) {
        path.chars().take(MAX_NAME_BYTES / 8).chain(['…']).collect()
    } else {
        path
    }
}
