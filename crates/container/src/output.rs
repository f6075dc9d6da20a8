//! Keeps a file or folder of a container's file system.

use std::{
    fs::File,
    io::{Read, Seek, copy},
    process::Stdio,
};

use crate::{Engine, KeptPath};

/// Size limit of what is kept, in bytes.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// The most of the engine's message that is quoted, in characters.
const MAX_MESSAGE_CHARS: usize = 300;

impl Engine {
    /// Copies a path out of a container as a tar archive, or returns why it cannot be copied.
    pub(crate) fn keep_path(&self, container: &str, path: &str) -> Result<KeptPath, String> {
        let mut message = tempfile::tempfile().map_err(|error| error.to_string())?;
        let stderr = message.try_clone().map_err(|error| error.to_string())?;

        let mut command = self.base_command();
        command.args(["cp", &format!("{container}:{path}"), "-"]);
        command.stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let saved = match child.stdout.take() {
            Some(output) => save_archive(output),
            None => Err("the engine has no output".to_owned()),
        };
        if saved.is_err() {
            let _ = child.kill();
        }

        let status = child.wait().map_err(|error| error.to_string())?;
        let kept = saved?;
        if status.success() {
            return Ok(kept);
        }
        let mut text = String::new();
        let _ = message.rewind().and_then(|()| message.read_to_string(&mut text));
        Err(text.trim().chars().take(MAX_MESSAGE_CHARS).collect())
    }
}

fn save_archive(output: impl Read) -> Result<KeptPath, String> {
    let mut archive: File = tempfile::tempfile().map_err(|error| error.to_string())?;
    let size_bytes =
        copy(&mut output.take(MAX_BYTES + 1), &mut archive).map_err(|error| error.to_string())?;
    if size_bytes > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }

    archive.rewind().map_err(|error| error.to_string())?;
    Ok(KeptPath { archive, size_bytes })
}
