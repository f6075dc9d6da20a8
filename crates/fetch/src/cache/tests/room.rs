//! The bound of the cache.

use super::*;

#[test]
fn the_least_recently_used_resource_leaves_and_one_in_use_stays() {
    let (_folder, cache) = new_cache();
    let cache = cache.with_max_bytes(2_500_000);
    let server = Server::start();
    let resources: Vec<Resource> = (0..4_u8)
        .map(|index| {
            let content = vec![index; 1_000_000];
            let url = server.put(&format!("/{index}"), &content);
            file_of(&url, Some(&content))
        })
        .collect();

    let first = cache.ensure_resource(&resources[0]).unwrap();
    drop(cache.ensure_resource(&resources[1]).unwrap());
    drop(cache.ensure_resource(&resources[2]).unwrap());
    assert_eq!(list_cache(&cache).len(), 2, "the second one has left");
    assert!(first.folder().join("0").is_file(), "the first one is in use");

    let third = cache.ensure_resource(&resources[2]).unwrap();
    let error = cache.ensure_resource(&resources[3]).unwrap_err();
    assert!(matches!(error, FetchError::NoRoom { .. }), "{error}");
    assert!(error.to_string().contains("raise --cache"), "{error}");
    drop((first, third));
    cache.ensure_resource(&resources[3]).unwrap();

    let large = file_of(&server.put("/large", &[7; 2_600_000]), None);
    let error = cache.ensure_resource(&large).unwrap_err().to_string();
    assert!(error.contains("resources may have"), "{error}");
}

#[test]
fn a_claim_of_a_size_removes_nothing() {
    let (_folder, cache) = new_cache();
    let cache = cache.with_max_bytes(2_500_000);
    let server = Server::start();
    let content = vec![1; 1_000_000];
    let resource = file_of(&server.put("/a", &content), Some(&content));
    cache.ensure_resource(&resource).unwrap();

    let claim = file_of(&server.put("/claim", b"CLAIM"), None);
    let error = cache.ensure_resource(&claim).unwrap_err();
    assert!(matches!(error, FetchError::Source { .. }), "{error}");
    let requests = server.count_requests();
    cache.ensure_resource(&resource).unwrap();
    assert_eq!(server.count_requests(), requests, "it is still here");
}

#[test]
fn what_is_granted_to_one_fetch_is_not_granted_to_another() {
    let (_folder, cache) = new_cache();
    let cache = cache.with_max_bytes(2_500_000);
    let [first, second] = ["a", "b"].map(|name| {
        let folder = cache.folder.join(format!("{}.part", Digest::of(name.as_bytes())));
        create_folder(&folder).unwrap();
        folder
    });

    assert_eq!(cache.make_place(&first, 1_500_000), Ok(1_500_000));
    assert_eq!(cache.make_place(&second, 900_000), Ok(900_000));
    let clone = cache.clone();
    let error = clone.make_place(&second, 1_100_000).unwrap_err();
    assert!(error.contains("are in use"), "{error}");
    assert!(cache.check_place(&second, 1_100_000).is_err());

    cache.ledger.lock_ledger().end_grant(&first);
    assert_eq!(clone.make_place(&second, 1_100_000), Ok(1_100_000));
}

#[test]
fn empty_files_and_folders_take_room() {
    let (_folder, cache) = new_cache();
    let cache = cache.with_max_bytes(200_000);
    let server = Server::start();
    let empty = |index: usize| {
        format!("<Contents><Key>{index}/a</Key><ETag>1</ETag><Size>0</Size></Contents>")
    };
    let list = |count: usize| {
        let objects: String = (0..count).map(empty).collect();
        format!("<ListBucketResult>{objects}</ListBucketResult>")
    };
    let fetch = |count: usize| {
        server.put("/?list-type=2&prefix=", list(count).as_bytes());
        cache.ensure_resource(&Resource::S3 {
            url: server.origin.clone(),
            bucket: None,
            files: Vec::new(),
            target: "/data".to_owned(),
            allow_write: false,
        })
    };

    // A file takes 16 KiB and a folder 20, as does the resource itself.
    assert_eq!(fs::read_dir(fetch(4).unwrap().folder()).unwrap().count(), 4);
    assert_eq!(fs::read_dir(fetch(3).unwrap().folder()).unwrap().count(), 3);
    assert_eq!(list_cache(&cache).len(), 1, "the earlier one has left");
    assert!(matches!(fetch(5), Err(FetchError::NoRoom { .. })));
}
