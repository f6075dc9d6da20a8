//! The bound of the folder, and what leaves for another model.

use super::*;

#[test]
fn the_least_recently_used_model_leaves_and_one_in_use_stays() {
    let contents: Vec<Vec<u8>> = (10..14).map(content).collect();
    let (_folder, store) = new_store();
    let store = store.with_max_bytes(1_000_000);
    let models: Vec<ModelRef> = contents
        .iter()
        .map(|content| {
            // Each model has a server that answers once; leaked, because downloads are done then.
            let server = Box::leak(Box::new(Server::start(vec![Served::new(content)])));
            model_of(content, vec![server.url()])
        })
        .collect();
    let is_cached = |model: &ModelRef| store.open_cached(&model.digest()).unwrap().is_some();
    let set_use = |model: &ModelRef, used_ms: u64| {
        store.change_note(model.digest().0, |note| note.used_ms = used_ms);
    };

    let first = get(&store, &models[0]).unwrap();
    get(&store, &models[1]).unwrap();
    get(&store, &models[2]).unwrap();
    set_use(&models[0], 1);
    set_use(&models[1], 3);
    set_use(&models[2], 2);
    get(&store, &models[3]).unwrap();
    let cached: Vec<bool> = models.iter().map(is_cached).collect();
    assert_eq!(cached, [true, true, false, true], "the oldest one that is not in use leaves");

    let in_use = store.remove_model(&models[0].digest()).unwrap_err().to_string();
    assert!(in_use.contains("is in use"), "{in_use}");
    drop(first);
    assert!(store.remove_model(&models[0].digest()).unwrap());
    assert!(!store.remove_model(&models[0].digest()).unwrap());
}

#[test]
fn a_model_that_leaves_while_it_is_opened_is_not_here() {
    let content = content(15);
    let (_folder, store) = new_store();
    let server = Server::start(vec![Served::new(&content)]);
    let model = model_of(&content, vec![server.url()]);
    let path = get(&store, &model).unwrap().path().to_owned();

    let unused = ModelStore::lock_unused(&path).unwrap().expect("a file");
    let opening = {
        let (store, digest) = (store.clone(), model.digest());
        thread::spawn(move || store.open_cached(&digest))
    };
    // It waits for the lock.
    thread::sleep(Duration::from_millis(300));
    assert!(store.remove_complete(Digest::of(&content)).unwrap());
    drop(unused);
    assert!(opening.join().unwrap().unwrap().is_none(), "it uses a file that is gone");

    // What cannot be examined may be in use.
    fs::write(&path, b"a file").unwrap();
    assert!(ModelStore::lock_unused(&path.join("below")).is_err());
    assert!(ModelStore::lock_unused(&path.with_extension("none")).unwrap().is_none());
}

#[test]
fn a_damaged_model_leaves_without_the_download_that_replaces_it() {
    let content = content(16);
    let (folder, store) = new_store();
    let damaged = folder.path().join(format!("{}.gguf", Digest::of(&content)));
    fs::write(&damaged, [0; 300_000]).unwrap();

    let server = Server::start(vec![Served::new(&content)]);
    let store = store.with_max_bytes(400_000);
    let file = get(&store, &model_of(&content, vec![server.url()])).unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), content);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn nothing_leaves_a_folder_without_a_bound() {
    let new = content(22);
    let (folder, store) = new_store();
    // A file of which nothing is written takes no room on the disk.
    let large = folder.path().join(format!("{}.gguf", Digest::of(b"a large model")));
    fs::File::create(&large).unwrap().set_len(1_000_000_000_000).unwrap();
    let part = folder.path().join(format!("{}.part", Digest::of(b"another model")));
    fs::write(&part, b"the beginning").unwrap();

    let server = Server::start(vec![Served::new(&new)]);
    get(&store, &model_of(&new, vec![server.url()])).unwrap();
    let pulled = server.url().parse().unwrap();
    store.pull_model(&pulled, &mut |_| {}).unwrap();
    let other = folder.path().join("mine");
    fs::write(&other, b"mine").unwrap();
    store.import_model(&other).unwrap();
    assert!(large.exists() && part.exists());

    store.with_max_bytes(1_000_000).import_model(&other).unwrap();
    assert!(!large.exists() && !part.exists(), "a bound is a decision");
}

#[test]
fn interrupted_downloads_leave_and_those_in_progress_stay() {
    let new = content(30);
    let (folder, store) = new_store();
    let store = store.with_max_bytes(700_000);
    let other = Digest::of(b"another model");
    let part = folder.path().join(format!("{other}.part"));
    fs::write(&part, [0; 500_000]).unwrap();

    let in_progress = store.lock_model(other).unwrap();
    let server = Server::start(vec![Served::new(&new)]);
    let model = model_of(&new, vec![server.url()]);
    let error = get(&store, &model).unwrap_err().to_string();
    assert!(error.contains("in use"), "{error}");
    drop(in_progress);
    get(&store, &model).unwrap();
    assert!(!part.exists());
}

#[test]
fn known_models_leave_last() {
    let (folder, store) = new_store();
    let store = store.with_max_bytes(1_000_000);
    let known = crate::ALL_MINILM_L6_V2.digest();
    let other = content(20);
    let new = content(21);
    for (digest, bytes) in [(known.0, 300_000), (Digest::of(&other), 300_001)] {
        fs::write(folder.path().join(format!("{digest}.gguf")), vec![0; bytes]).unwrap();
    }
    store.change_note(known.0, |note| note.used_ms = 1);
    store.change_note(Digest::of(&other), |note| note.used_ms = 2);

    let server = Server::start(vec![Served::new(&new)]);
    let store = store.with_max_bytes(700_000);
    get(&store, &model_of(&new, vec![server.url()])).unwrap();
    let left: Vec<_> = store.list_cached().into_iter().map(|model| model.digest).collect();
    assert_eq!(left.len(), 2);
    assert!(left.contains(&known), "{left:?}");
}
