//! What is kept of fetches that end early.

use std::{cell::Cell, time::Duration};

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
    cache.ensure_wanted(&resource.clone().into(), &is_wanted).unwrap_err().to_string()
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

    let error = cache.ensure_wanted(&resource.clone().into(), &|| false).unwrap_err().to_string();
    assert!(error.contains("no job waits for it"), "{error}");
    assert_eq!(server.count_requests(), 1, "what is here is read first");
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
    let begin = |index: usize| {
        let content = large_content(format!("PARTS of {index}").as_bytes());
        let resource = file_of(&server.put(&format!("/{index}"), &content), Some(&content));
        fetch_beginning(&cache, &resource);
        // The next one has a later time, in milliseconds.
        thread::sleep(Duration::from_millis(2));
        resource
    };
    let mut resources: Vec<Resource> = (0..MAX_KEPT_PARTS).map(begin).collect();
    assert_eq!(list_cache(&cache).len(), MAX_KEPT_PARTS);

    // The first one is continued for a while, so that the second one is the oldest.
    begin(0);
    resources.push(begin(MAX_KEPT_PARTS));
    assert_eq!(list_cache(&cache).len(), MAX_KEPT_PARTS);
    let is_continued = |resource: &Resource| {
        cache.ensure_resource(resource).unwrap();
        server.requests.lock().unwrap().last().is_some_and(Option::is_some)
    };
    let continued: Vec<bool> = resources.iter().map(is_continued).collect();
    let expected: Vec<bool> = (0..=MAX_KEPT_PARTS).map(|index| index != 1).collect();
    assert_eq!(continued, expected);
}

#[test]
fn resources_of_running_jobs_do_not_count_as_interrupted_fetches() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let url = server.put("/used", b"content");
    let used: Vec<CachedResource> =
        (0..MAX_KEPT_PARTS).map(|_| cache.ensure_resource(&file_of(&url, None)).unwrap()).collect();

    for name in ["/a", "/b"] {
        let content = large_content(b"PARTS");
        fetch_beginning(&cache, &file_of(&server.put(name, &content), Some(&content)));
    }
    assert_eq!(list_cache(&cache).len(), used.len() + 2);
}

#[test]
fn kept_bytes_give_a_fetch_no_time() {
    let (_folder, cache) = new_cache();
    let folder = cache.folder.join("any.part");
    create_folder(&folder).unwrap();
    let plan = Plan { version: None, files: Vec::new(), mount_points: Vec::new() };
    let time = FetchTime::begin(&|| true);
    let room = FolderRoom::new(&cache, &folder, &plan, &time);

    room.begin_file(700);
    assert_eq!([0, 700, 1_000].map(|length| room.total_received(length)), [0, 0, 300]);
    assert!(room.finish_file(1_000).is_ok());
    room.begin_file(0);
    assert_eq!(room.total_received(50), 350);
}
