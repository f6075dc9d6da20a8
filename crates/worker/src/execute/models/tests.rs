//! Models before a job starts.

use std::fs;

use nosana_engine::ALL_MINILM_L6_V2;
use nosana_job_spec::{Digest, InferenceArgs, ModelRef, SourcedModel, Task};

use super::*;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(120)
}

fn args_of(model: impl Into<ModelRef>, task: Task) -> ModelUse {
    ModelUse::of_run(&InferenceArgs::new(model, task, ["a text"]))
}

/// A file in the folder, as if it had been downloaded.
fn put_file(folder: &std::path::Path, content: &[u8]) -> ModelRef {
    let digest = ModelDigest(Digest::of(content));
    fs::write(folder.join(format!("{}.gguf", digest.0)), content).unwrap();
    let sources = vec!["http://127.0.0.1:9/model.gguf".to_owned()];
    ModelRef::Sourced(SourcedModel { digest, sources })
}

fn prepare(models: &Models, args: &ModelUse) -> Result<PreparedModel> {
    let memory = MemoryBudget::new("A card".to_owned(), 1 << 30);
    models.prepare_model(args, &memory, soon(), || Ok(()))
}

#[test]
fn a_known_model_needs_its_task_and_its_memory() {
    let models = Models::new(ModelStore::in_user_cache().unwrap());
    let args = args_of(ALL_MINILM_L6_V2.digest(), Task::Embedding);
    let prepared = prepare(&models, &args).unwrap();
    let size = fs::metadata(prepared.file.path()).unwrap().len();
    assert!((size..size * 2).contains(&prepared.needed_bytes), "{}", prepared.needed_bytes);

    let memory = MemoryBudget::new("A card".to_owned(), 64 << 20);
    let refused = models.prepare_model(&args, &memory, soon(), || Ok(())).err().unwrap();
    let refused = format!("{refused:#}");
    assert!(refused.contains("A card has 64 MiB"), "{refused}");
}

#[test]
fn a_file_that_is_no_model_is_refused_before_anything_loads_it() {
    let folder = tempfile::tempdir().unwrap();
    let models = Models::new(ModelStore::at(folder.path()));

    for (content, expected) in
        [(b"some text".as_slice(), "it is not a GGUF file"), (b"GGUF\x03\0\0\0", "it is cut")]
    {
        let model = put_file(folder.path(), content);
        let error = prepare(&models, &args_of(model, Task::Generation)).err().unwrap();
        let error = format!("{error:#}");
        assert!(error.contains("cannot be loaded") && error.contains(expected), "{error}");
    }
}

#[test]
fn a_model_without_a_source_that_answers_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let models = Models::new(ModelStore::at(folder.path()).with_private_sources());
    let other = tempfile::tempdir().unwrap();
    let model = put_file(other.path(), b"elsewhere");

    let error = prepare(&models, &args_of(model, Task::Generation)).err().unwrap();
    let error = format!("{error:#}");
    assert!(error.contains("http://127.0.0.1:9/model.gguf: "), "{error}");
}
