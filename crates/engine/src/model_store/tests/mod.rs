//! Downloads from a server in the test.

mod bound;
mod server;

use std::{fs, sync::Mutex, thread};

use nosana_job_spec::{Digest, ModelDigest, ModelRef, SourcedModel};
use tempfile::TempDir;

use self::server::{Served, Server};
use super::*;

/// 300,000 bytes that differ from those of another seed.
fn content(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..300_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .collect()
}

fn new_store() -> (TempDir, ModelStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path()).with_private_sources();
    (folder, store)
}

fn model_of(content: &[u8], sources: Vec<String>) -> ModelRef {
    ModelRef::Sourced(SourcedModel { digest: ModelDigest(Digest::of(content)), sources })
}

fn get(store: &ModelStore, model: &ModelRef) -> Result<ModelFile, EngineError> {
    store.ensure_model(model, &mut |_| {})
}

#[test]
fn a_model_is_downloaded_once_and_its_progress_is_reported() {
    let content = content(1);
    let server = Server::start(vec![Served::new(&content)]);
    let (_folder, store) = new_store();
    let model = model_of(&content, vec![server.url()]);

    let mut last = None;
    let file = store.ensure_model(&model, &mut |progress| last = Some(progress)).unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), content);
    assert_eq!(file.digest(), model.digest());
    let size = content.len() as u64;
    let all = DownloadProgress { done_bytes: size, total_bytes: Some(size) };
    assert_eq!(last, Some(all));

    get(&store, &model).unwrap();
    assert_eq!(server.requests().len(), 1, "it was downloaded again");
    fs::write(file.path(), b"damaged").unwrap();
    assert_eq!(fs::read(get(&store, &model).unwrap().path()).unwrap(), content);
}

#[test]
fn a_cut_download_resumes_where_it_was_cut() {
    let content = content(2);
    let cut = Served::new(&content).cut_after(100_000);
    let server = Server::start(vec![cut, Served::new(&content)]);
    let (folder, store) = new_store();

    let file = get(&store, &model_of(&content, vec![server.url()])).unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), content);
    let ranges: Vec<_> = server.requests().into_iter().map(|request| request.range).collect();
    assert_eq!(ranges.len(), 2);
    assert_eq!(ranges[0], None);
    let resumed = ranges[1].unwrap();
    assert!(resumed > 0 && resumed <= 100_000, "{resumed}");
    let parts = fs::read_dir(folder.path()).unwrap().flatten();
    assert!(!parts.into_iter().any(|entry| entry.path().extension().unwrap() == "part"));
}

#[test]
fn a_later_process_resumes_and_a_source_without_ranges_starts_again() {
    let content = content(3);
    let (folder, store) = new_store();
    let digest = Digest::of(&content);
    let part = folder.path().join(format!("{digest}.part"));

    fs::write(&part, &content[..1_000]).unwrap();
    let server = Server::start(vec![Served::new(&content)]);
    get(&store, &model_of(&content, vec![server.url()])).unwrap();
    assert_eq!(server.requests()[0].range, Some(1_000));

    store.remove_model(&ModelDigest(digest)).unwrap();
    fs::write(&part, &content[..1_000]).unwrap();
    let server = Server::start(vec![Served::new(&content).without_ranges()]);
    let file = get(&store, &model_of(&content, vec![server.url()])).unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), content);

    // Everything is there, but the last process ended before it gave the file its name.
    drop(file);
    store.remove_model(&ModelDigest(digest)).unwrap();
    fs::write(&part, &content).unwrap();
    let server = Server::start(vec![Served::new(&content)]);
    get(&store, &model_of(&content, vec![server.url()])).unwrap();
}

#[test]
fn bytes_of_another_file_are_thrown_away() {
    let content = content(4);
    let (folder, store) = new_store();
    let part = folder.path().join(format!("{}.part", Digest::of(&content)));
    fs::write(&part, [7; 1_000]).unwrap();

    let server = Server::start(vec![Served::new(&content)]);
    let file = get(&store, &model_of(&content, vec![server.url()])).unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), content);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_wrong_file_is_refused_and_the_next_source_is_asked() {
    let content = content(5);
    let wrong = Server::start(vec![Served::new(b"something else")]);
    let missing = Server::start(vec![Served::missing()]);
    let right = Server::start(vec![Served::new(&content)]);
    let (_folder, store) = new_store();

    let error = get(&store, &model_of(&content, vec![wrong.url(), missing.url()])).unwrap_err();
    let error = error.to_string();
    let actual = ModelDigest(Digest::of(b"something else")).to_string();
    assert!(error.contains(&wrong.url()) && error.contains(&actual), "{error}");
    assert!(error.contains(&missing.url()) && error.contains("404"), "{error}");

    let all = vec![wrong.url(), missing.url(), right.url()];
    let file = get(&store, &model_of(&content, all)).unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), content);
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_downloaded() {
    let content = content(6);
    let (folder, store) = new_store();
    let store = store.with_max_bytes(200_000);
    let reported = Server::start(vec![Served::new(&content)]);
    let error = get(&store, &model_of(&content, vec![reported.url()])).unwrap_err().to_string();
    assert!(error.contains("--models-max"), "{error}");
    let part = folder.path().join(format!("{}.part", Digest::of(&content)));
    assert_eq!(fs::metadata(&part).unwrap().len(), 0);

    let unreported = Server::start(vec![Served::new(&content).without_length()]);
    let error = get(&store, &model_of(&content, vec![unreported.url()])).unwrap_err().to_string();
    assert!(error.contains("--models-max"), "{error}");
}

#[test]
fn a_source_that_is_too_slow_is_left() {
    let content = content(40);
    let slow = Server::start(vec![Served::new(&content)]);
    let (_folder, store) = new_store();
    // Without time beside that of the bytes, any source is too slow.
    let hasty = ModelStore { base_time: Duration::ZERO, ..store.clone() };

    let error = get(&hasty, &model_of(&content, vec![slow.url()])).unwrap_err().to_string();
    assert!(error.contains(&slow.url()) && error.contains("name a faster source"), "{error}");
    let location = slow.url().parse().unwrap();
    let error = hasty.pull_model(&location, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains(&slow.url()) && error.contains("name a faster source"), "{error}");
    assert_eq!(slow.requests().len(), 2, "a slow source is not asked again");

    let file = get(&store, &model_of(&content, vec![slow.url()])).unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), content);
}

#[test]
fn a_download_that_nobody_wants_ends() {
    let content = content(41);
    let first = Server::start(vec![Served::new(&content)]);
    let second = Server::start(vec![Served::new(&content)]);
    let (_folder, store) = new_store();
    let model = model_of(&content, vec![first.url(), second.url()]);

    let error = store.ensure_wanted(&model, &|| false, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("no job waits for it, and others need its place"), "{error}");
    assert_eq!([&first, &second].map(|server| server.requests().len()), [1, 0]);
    store.ensure_wanted(&model, &|| true, &mut |_| {}).unwrap();
}

#[test]
fn private_addresses_are_refused_unless_the_owner_allows_them() {
    let content = content(7);
    let server = Server::start(vec![Served::new(&content)]);
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());

    let error = get(&store, &model_of(&content, vec![server.url()])).unwrap_err().to_string();
    assert!(error.contains("--private-sources"), "{error}");
    assert!(server.requests().is_empty(), "a request was sent");
}

#[test]
fn sources_in_ipfs_need_a_node() {
    let content = content(8);
    let source = "ipfs://QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG/model.gguf".to_owned();
    let model = model_of(&content, vec![source]);
    let (_folder, store) = new_store();
    let error = get(&store, &model).unwrap_err().to_string();
    assert!(error.contains("--ipfs"), "{error}");

    let server = Server::start(vec![Served::new(&content)]);
    let store = store.with_ipfs(Some(server.origin()));
    let file = get(&store, &model).unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), content);
    let target = server.requests().remove(0).target;
    assert!(target.starts_with("/api/v0/cat?arg=/ipfs/QmYw"), "{target}");
}

#[test]
fn pulled_and_imported_models_are_named_by_their_digest() {
    let content = content(9);
    let server = Server::start(vec![Served::new(&content)]);
    let (folder, store) = new_store();
    let progress = Mutex::new(0);
    let file = store
        .pull_model(&server.url().parse().unwrap(), &mut |one| {
            *progress.lock().unwrap() = one.done_bytes;
        })
        .unwrap();
    assert_eq!(file.digest().0, Digest::of(&content));
    assert_eq!(*progress.lock().unwrap(), content.len() as u64);

    let other = folder.path().join("mine.gguf");
    fs::write(&other, b"mine").unwrap();
    assert_eq!(store.import_model(&other).unwrap().digest().0, Digest::of(b"mine"));
    assert_eq!(store.list_cached().len(), 2);
}
