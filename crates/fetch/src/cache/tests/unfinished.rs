//! What is kept of fetches that end early.

use std::cell::Cell;

use super::*;
use crate::{
    cache::{remove::MAX_KEPT_PARTS, room::FolderRoom},
    fetch_time::FetchTime,
    plan::Plan,
};

/// Fetches the beginning of a resource: after its first bytes, nobody wants it. Returns the error.
fn fetch_beginning(cache: &ResourceCache, resource: &Resource) -> String {
    let checks = Cell::new(0);
    let is_wanted = || {
        checks.set(checks.get() + 1);
        // The first one is made before any bytes.
        checks.get() <= 1
    };
    cache.ensure_wanted(resource, &is_wanted).unwrap_err().to_string()
}

fn large_content(beginning: &[u8]) -> Vec<u8> {
    let mut content = beginning.to_vec();
    content.resize(1_000_000, 7);
    content
}

#[test]
fn a_fetch_that_ended_is_continued() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let content = large_content(b"PARTS");
    let resource = file_of(&server.put("/a", &content), Some(&content));

    let error = fetch_beginning(&cache, &resource);
    assert!(error.contains("no job waits for it"), "{error}");
    let [left]: [String; 1] = list_cache(&cache).try_into().unwrap();
    assert!(left.ends_with(".part"), "{left}");
    let kept = fs::read(cache.folder.join(left).join("a")).unwrap().len();
    assert!(kept > 0 && kept < content.len(), "{kept}");

    let cached = cache.ensure_resource(&resource).unwrap();
    assert_eq!(fs::read(cached.folder().join("a")).unwrap(), content);
    assert_eq!(*server.requests.lock().unwrap(), [None, Some(kept)]);
    assert_eq!(list_cache(&cache).len(), 1);
}

#[test]
fn what_cannot_be_continued_or_checked_is_removed() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let whole = large_content(b"whole");
    let parts = large_content(b"PARTS");

    for (content, sha256) in [(&whole, Some(&whole[..])), (&parts, None)] {
        let resource = file_of(&server.put("/a", content), sha256);
        fetch_beginning(&cache, &resource);
        assert_eq!(list_cache(&cache), [""; 0]);
    }
}

#[test]
fn a_continued_file_that_is_wrong_is_removed() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let content = large_content(b"PARTS");
    let resource = file_of(&server.put("/a", &content), Some(&content));
    fetch_beginning(&cache, &resource);
    assert_eq!(list_cache(&cache).len(), 1);

    let changed = [&content[..999_999], b"8"].concat();
    server.put("/a", &changed);
    let error = cache.ensure_resource(&resource).unwrap_err().to_string();
    assert!(error.contains("has the SHA-256"), "{error}");
    assert_eq!(server.count_requests(), 3, "it starts anew, once");
    assert_eq!(list_cache(&cache), [""; 0]);
}

#[test]
fn the_oldest_interrupted_fetches_leave() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    for index in 0..MAX_KEPT_PARTS + 3 {
        let content = format!("PARTS of {index}").into_bytes();
        let url = server.put(&format!("/{index}"), &content);
        fetch_beginning(&cache, &file_of(&url, Some(&content)));
        assert_eq!(list_cache(&cache).len(), MAX_KEPT_PARTS.min(index + 1));
    }
}

#[test]
fn kept_bytes_give_a_fetch_no_time() {
    let (_folder, cache) = new_cache();
    let folder = cache.folder.join("any.part");
    create_folder(&folder).unwrap();
    let plan = Plan { version: None, files: Vec::new() };
    let time = FetchTime::begin(&|| true);
    let room = FolderRoom::new(&cache, &folder, &plan, &time);

    room.begin_file(700);
    assert_eq!([0, 700, 1_000].map(|length| room.total_received(length)), [0, 0, 300]);
    assert!(room.finish_file(1_000).is_ok());
    room.begin_file(0);
    assert_eq!(room.total_received(50), 350);
}
