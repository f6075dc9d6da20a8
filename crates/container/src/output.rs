//! What is kept of a container's file system.

use std::{
    fs::File,
    io::{Read, Seek, copy},
    process::Stdio,
};

use crate::{Engine, Kept};

/// The most that is kept, in bytes.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

impl Engine {
    /// Copies a path out of a container as a tar archive, or says why that cannot be.
    pub(crate) fn keep(&self, container: &str, path: &str) -> Result<Kept, String> {
        let mut complaint = tempfile::tempfile().map_err(|error| error.to_string())?;
        let stderr = complaint.try_clone().map_err(|error| error.to_string())?;
        let mut command = self.command();
        command
            .args(["cp", &format!("{container}:{path}"), "-"])
            .stdout(Stdio::piped())
            .stderr(stderr);
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let copied = match child.stdout.take() {
            Some(from) => save(from),
            None => Err("the engine has no output".to_owned()),
        };
        if copied.is_err() {
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| error.to_string())?;
        let kept = copied?;
        if status.success() {
            return Ok(kept);
        }
        let mut said = String::new();
        let _ = complaint.rewind().and_then(|()| complaint.read_to_string(&mut said));
        Err(said.trim().chars().take(300).collect())
    }
}

fn save(from: impl Read) -> Result<Kept, String> {
    let mut archive: File = tempfile::tempfile().map_err(|error| error.to_string())?;
    let size_bytes =
        copy(&mut from.take(MAX_BYTES + 1), &mut archive).map_err(|error| error.to_string())?;
    if size_bytes > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    archive.rewind().map_err(|error| error.to_string())?;
    Ok(Kept { archive, size_bytes })
}
