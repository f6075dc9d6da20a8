//! A file with what an honest node computes for the inputs, to be compared on another machine.

#[cfg(test)]
pub mod sample;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use anyhow::{Context, Result, ensure};
use nosana_engine::DeviceInfo;
use nosana_job_spec::{EmbeddingOutput, FinishReason};
use serde::{Deserialize, Serialize};

use super::{
    answered::Answered,
    embedded::Embedded,
    inputs::{InputsIdentity, VECTOR_LENGTH},
};

/// The version of the format.
pub const VERSION: u32 = 1;
/// The most bytes of a file: fifty times those of 1,000 texts.
const MAX_BYTES: u64 = 256 << 20;
/// The most characters of a device's name.
const MAX_NAME_CHARS: usize = 200;

/// What an honest node computes for the inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    pub version: u32,
    pub device: DeviceInfo,
    /// If the CPU computed, in a package for all processors: the file name of the library for it.
    pub cpu_library: Option<String>,
    pub inputs: InputsIdentity,
    pub texts: Vec<Embedded>,
    pub answers: Vec<Answered>,
}

impl Recording {
    /// Returns the device and the library for it.
    pub fn describe_device(&self) -> String {
        let library = self.cpu_library.as_ref().map(|library| format!(" with {library}"));
        format!("{}{}", self.device, library.unwrap_or_default())
    }

    /// Writes the file.
    pub fn write_to(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_vec(self).context("cannot write the recording as JSON")?;
        let bytes = json.len() as u64;
        ensure!(
            bytes <= MAX_BYTES,
            "the recording has {bytes} bytes, and {MAX_BYTES} are read; use a smaller number of \
             --texts or --questions"
        );

        fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Reads a file, which must have the inputs of this run.
    pub fn read_from(path: &Path, inputs: &InputsIdentity) -> Result<Self> {
        let shown = path.display();
        let json = read_bounded(path, MAX_BYTES)
            .with_context(|| format!("cannot read the recording {shown}; check the path"))?;

        let recording: Self = serde_json::from_slice(&json).with_context(|| {
            format!(
                "{shown} is not a recording of this version; `nosana bench calibrate --record \
                 FILE` writes one"
            )
        })?;
        recording
            .validate(inputs)
            .with_context(|| format!("the recording {shown} cannot be compared"))?;
        Ok(recording)
    }

    /// Checks that an honest node can have made this from the inputs.
    fn validate(&self, inputs: &InputsIdentity) -> Result<()> {
        ensure!(
            self.version == VERSION,
            "it has the version {}, not {VERSION}; record it with this version of the program",
            self.version
        );
        inputs.check_recorded(&self.inputs)?;

        let names = [&self.device.name, &self.device.backend].into_iter().chain(&self.cpu_library);
        for name in names {
            let is_shown =
                name.chars().count() <= MAX_NAME_CHARS && !name.contains(char::is_control);
            ensure!(is_shown, "the name of its device cannot be shown; record it again");
        }

        self.check_texts(inputs.sizes.texts)?;
        self.check_answers(inputs.sizes.questions, inputs.sizes.max_tokens)
    }

    fn check_texts(&self, count: usize) -> Result<()> {
        let found = self.texts.len();
        ensure!(found == count, "it has {found} vectors for {count} texts; record it again");

        for (index, Embedded { vector, .. }) in self.texts.iter().enumerate() {
            let length = vector.len();
            ensure!(
                length == VECTOR_LENGTH,
                "vector {index} has {length} components, not {VECTOR_LENGTH}; record it again"
            );
            let is_vector = EmbeddingOutput::new(vec![vector.clone()]).is_well_formed(1);
            ensure!(is_vector, "vector {index} has no direction; record it again");
        }
        Ok(())
    }

    fn check_answers(&self, count: usize, max_tokens: usize) -> Result<()> {
        let found = self.answers.len();
        ensure!(found == count, "it has {found} answers to {count} questions; record it again");

        for (index, answer) in self.answers.iter().enumerate() {
            let length = answer.token_ids.len();
            let is_possible = match answer.finish_reason {
                FinishReason::Stop => length < max_tokens,
                FinishReason::Length => length == max_tokens,
                FinishReason::Time => false,
            };
            ensure!(
                is_possible,
                "answer {index} does not end as one of at most {max_tokens} tokens; record it again"
            );
        }
        Ok(())
    }
}

fn read_bounded(path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;

    let is_whole = bytes.len() as u64 <= max_bytes;
    ensure!(is_whole, "it has more than {max_bytes} bytes");
    Ok(bytes)
}
