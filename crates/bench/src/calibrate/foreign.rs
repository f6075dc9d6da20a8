//! What other machines, builds and backends recorded: each file is one more honest way.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{answered::Answered, embedded::Embedded, inputs::InputsIdentity, recording::Recording};

/// What another machine, build or backend recorded.
pub struct Foreign {
    /// The name of its file, and the device.
    pub name: String,
    pub texts: Vec<Embedded>,
    pub answers: Vec<Answered>,
}

/// Reads the files.
///
/// # Errors
/// If one cannot be read, or is of other inputs than this run.
pub fn read_recordings(files: &[PathBuf], inputs: &InputsIdentity) -> Result<Vec<Foreign>> {
    let read = |file: &PathBuf| {
        let recording = Recording::read_from(file, inputs)?;
        let name = name_recording(file, &recording);
        Ok(Foreign { name, texts: recording.texts, answers: recording.answers })
    };
    files.iter().map(read).collect()
}

/// Two builds can have the same device, so that its name alone does not say which is which.
fn name_recording(file: &Path, recording: &Recording) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    format!("{stem}: {}", recording.describe_device())
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::EMBEDDING_BOUND;

    use super::*;
    use crate::calibrate::{
        case::{Bounds, Case},
        claims::HONEST,
        embedded::judge_texts,
        recording::sample::{sample_inputs, sample_recording},
    };

    #[test]
    fn each_file_is_a_way_with_the_name_of_its_device() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["haswell", "again"].map(|name| folder.path().join(format!("{name}.json")));
        for file in &files {
            sample_recording().write_to(file).unwrap();
        }

        let foreign = read_recordings(&files, &sample_inputs()).unwrap();
        let names: Vec<&str> = foreign.iter().map(|foreign| foreign.name.as_str()).collect();
        let device = "a processor (cpu) with libggml-cpu-haswell.so";
        assert_eq!(names, [format!("haswell: {device}"), format!("again: {device}")]);
        assert!(foreign.iter().all(|foreign| foreign.answers == sample_recording().answers));

        let other = InputsIdentity { content: String::new(), ..sample_inputs() };
        assert!(read_recordings(&files, &other).is_err());
    }

    #[test]
    fn one_recorded_vector_beyond_the_bound_is_a_fault() {
        let expected = sample_recording().texts;
        let bounds = Bounds { deviation: EMBEDDING_BOUND, bits: 24 };
        let find_fault = |found: &[Embedded]| {
            let runs = judge_texts(&expected, found);
            Case::from_runs("card", HONEST, &runs, bounds).find_fault()
        };

        let mut found = expected.clone();
        found[1].vector[3] += 0.5e-3;
        assert_eq!(find_fault(&found), None);
        found[1].vector[3] += 1.0e-3;
        let fault = find_fault(&found);
        assert_eq!(fault.unwrap(), "card: 1 of 2 honest runs exceed a bound");
    }
}
