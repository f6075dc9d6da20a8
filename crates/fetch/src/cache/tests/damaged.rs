//! What a process leaves that was killed, and what others do to resources.

use super::*;

#[test]
fn an_interrupted_fetch_is_continued_or_replaced() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let resource = file_of(&server.put("/a", b"content"), Some(b"content"));
    let path = cache.ensure_resource(&resource).unwrap().folder().to_owned();

    // As a process leaves it that was killed.
    for left in [&b"cont"[..], b"wrong", b"content"] {
        let part = path.with_extension("part");
        fs::rename(&path, &part).unwrap();
        fs::write(part.join("a"), left).unwrap();
        let cached = cache.ensure_resource(&resource).unwrap();
        assert_eq!(fs::read(cached.folder().join("a")).unwrap(), b"content");
        assert_eq!(list_cache(&cache).len(), 1);
    }
}

#[test]
fn bytes_that_nothing_can_show_to_be_wrong_are_not_continued() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let list = "<ListBucketResult><Contents><Key>a</Key><ETag>1</ETag><Size>7</Size></Contents>\
                </ListBucketResult>";
    server.put("/?list-type=2&prefix=", list.as_bytes());
    server.put("/a", b"content");
    let resource = Resource::S3 {
        url: server.origin.clone(),
        bucket: None,
        files: Vec::new(),
        target: "/data".to_owned(),
        allow_write: false,
    };
    let path = cache.ensure_resource(&resource).unwrap().folder().to_owned();

    let part = path.with_extension("part");
    fs::rename(&path, &part).unwrap();
    fs::write(part.join("a"), [0; 7]).unwrap();
    let cached = cache.ensure_resource(&resource).unwrap();
    assert_eq!(fs::read(cached.folder().join("a")).unwrap(), b"content");
}

#[test]
fn a_folder_that_does_not_have_what_was_fetched_is_the_nodes_fault() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let resource = file_of(&server.put("/a", b"content"), Some(b"content"));
    let path = cache.ensure_resource(&resource).unwrap().folder().to_owned();

    // As on a file system that takes another name for this one.
    let part = path.with_extension("part");
    fs::rename(&path, &part).unwrap();
    fs::write(part.join("A"), b"content").unwrap();
    let error = cache.ensure_resource(&resource).unwrap_err();
    assert!(matches!(error, FetchError::File(_)), "{error}");
    assert!(error.to_string().contains("does not keep all of its names apart"), "{error}");

    assert_eq!(list_cache(&cache), [""; 0]);
    cache.ensure_resource(&resource).unwrap();
}

#[test]
fn a_resource_with_other_files_than_it_must_have_is_replaced() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let resource = file_of(&server.put("/a", b"content"), Some(b"content"));
    let path = cache.ensure_resource(&resource).unwrap().folder().to_owned();

    let changes: [fn(&Path); 4] = [
        |path| fs::remove_file(path.join("a")).unwrap(),
        |path| fs::create_dir(path.join("planted")).unwrap(),
        |path| fs::write(path.join("planted"), "x").unwrap(),
        |path| fs::rename(path.join("a"), path.join("b")).unwrap(),
    ];
    for change in changes {
        change(&path);
        let cached = cache.ensure_resource(&resource).unwrap();
        assert_eq!(fs::read(cached.folder().join("a")).unwrap(), b"content");
        assert_eq!(fs::read_dir(cached.folder()).unwrap().count(), 1);
        assert_eq!(list_cache(&cache).len(), 1);
    }
    assert_eq!(server.count_requests(), 5);
}

#[test]
fn a_damaged_resource_in_use_stays_until_its_room_is_needed() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let resource = file_of(&server.put("/a", b"content"), Some(b"content"));
    let used = cache.ensure_resource(&resource).unwrap();
    fs::create_dir(used.folder().join("planted")).unwrap();

    let renewed = cache.ensure_resource(&resource).unwrap();
    assert_eq!(fs::read_dir(renewed.folder()).unwrap().count(), 1);
    let mut names = list_cache(&cache);
    names.sort_unstable();
    assert_eq!(names.len(), 2);
    let left = cache.folder.join(&names[0]);
    assert!(left.join("planted").is_dir() && left.join("a").is_file(), "{names:?}");
}
