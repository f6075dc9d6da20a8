//! Models before a job starts.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
};

use nosana_engine::ALL_MINILM_L6_V2;
use nosana_job_spec::{Digest, InferenceArgs, ModelRef, SourcedModel, Task};
use nosana_protocol::job::ReturnCause;

use super::*;
use crate::{
    execute::fetch_places::UNWAITED_TIME,
    return_cause::{find_cause, names_sources},
};

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
    sourced_model(digest, "127.0.0.1:9")
}

fn sourced_model(digest: ModelDigest, address: &str) -> ModelRef {
    let sources = vec![format!("http://{address}/model.gguf")];
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

#[test]
fn a_file_that_is_larger_than_the_memory_is_not_downloaded() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        let lines = BufReader::new(&stream).lines().map_while(Result::ok);
        let _ = lines.take_while(|line| !line.is_empty()).count();
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\nGGUF";
        stream.write_all(answer.as_bytes()).unwrap();
        // Until the node leaves.
        let _ = BufReader::new(stream).lines().map_while(Result::ok).count();
    });

    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path()).with_private_sources();
    let models = Models::new(store.with_max_bytes(1_000_000_000_000));
    let kept = put_file(folder.path(), b"another model");
    let digest = ModelDigest(Digest::of(b"elsewhere"));
    let large = args_of(sourced_model(digest, &address), Task::Generation);

    let error = prepare(&models, &large).err().unwrap();
    assert_eq!(find_cause(&error), ReturnCause::Unsupported, "other nodes may have the memory");
    assert!(names_sources(&error), "its text has URLs of the definition");
    let error = format!("{error:#}");
    assert!(error.contains("it has 1000000 MB") && error.contains("A card has 1073 MB"), "{error}");
    let part = fs::metadata(folder.path().join(format!("{}.part", digest.0))).unwrap();
    assert_eq!(part.len(), 0, "nothing of it was downloaded");
    assert!(models.open_cached(&kept.digest()).unwrap().is_some(), "it left for the other one");
}

#[test]
fn a_job_asks_its_own_sources_after_those_of_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let models = Models::new(ModelStore::at(folder.path()).with_private_sources());
    let [first, second] = ["127.0.0.1:9", "127.0.0.1:10"].map(|address| {
        let model = sourced_model(ModelDigest(Digest::of(b"elsewhere")), address);
        args_of(model, Task::Generation)
    });

    let others = models.clone();
    let other_job = thread::spawn(move || drop(prepare(&others, &first)));
    thread::sleep(Duration::from_millis(200));
    let error = prepare(&models, &second).err().unwrap();
    let error = format!("{error:#}");
    assert!(error.contains("http://127.0.0.1:10/model.gguf: "), "{error}");
    other_job.join().unwrap();
}

#[test]
fn only_a_model_on_this_machine_is_opened_without_a_fetch() {
    let folder = tempfile::tempdir().unwrap();
    let models = Models::new(ModelStore::at(folder.path()));
    let model = put_file(folder.path(), b"a model");
    let file = models.open_cached(&model.digest()).unwrap().unwrap();
    assert_eq!(file.digest(), model.digest());
    assert!(models.open_cached(&ModelDigest(Digest::of(b"elsewhere"))).unwrap().is_none());

    fs::write(file.path(), b"other bytes").unwrap();
    assert!(models.open_cached(&model.digest()).unwrap().is_none(), "it is damaged");
}

#[test]
fn a_fetch_that_no_job_waits_for_makes_place_for_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let models = Models::new(ModelStore::at(folder.path()).with_private_sources());
    // It takes connections and never answers.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap().to_string();
    let digest = ModelDigest(Digest::of(b"slow"));
    let args = args_of(sourced_model(digest, &address), Task::Generation);

    let memory = MemoryBudget::new("A card".to_owned(), 1 << 30);
    let begun = Instant::now();
    let until = begun + Duration::from_millis(300);
    let error = models.prepare_model(&args, &memory, until, || Ok(())).err().unwrap();
    assert!(error.to_string().contains("still being downloaded"), "{error}");

    let is_wanted = || models.places.is_wanted(&find_key(&digest));
    models.places.make_place(begun + UNWAITED_TIME);
    assert!(is_wanted(), "the job has waited for it");
    models.places.make_place(Instant::now() + UNWAITED_TIME);
    assert!(!is_wanted(), "nobody waits any more");
}
