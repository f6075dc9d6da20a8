//! Objects of a bucket.

use super::*;

#[test]
fn objects_of_a_bucket_are_listed_and_fetched() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let list = |etag: &str| {
        let object = |key: &str| {
            format!("<Contents><Key>{key}</Key><ETag>{etag}</ETag><Size>3</Size></Contents>")
        };
        let objects = [object("models/a.bin"), object("models/b/c.bin")].concat();
        format!("<ListBucketResult>{objects}</ListBucketResult>")
    };
    server.put("/bucket/?list-type=2&prefix=models%2F", list("1").as_bytes());
    let one = "<ListBucketResult><Contents><Key>models/b/c.bin</Key><ETag>1</ETag><Size>3</Size>\
               </Contents></ListBucketResult>";
    let path_of = |key: &str| format!("/bucket/?list-type=2&prefix={key}&max-keys=1");
    server.put(&path_of("models%2Fb%2Fc.bin"), one.as_bytes());
    server.put(&path_of("models%2Fb"), one.as_bytes());
    server.put("/bucket/models/a.bin", b"one");
    server.put("/bucket/models/b/c.bin", b"two");
    let resource = |files: &[&str]| Resource::S3 {
        url: format!("{}/bucket/models", server.origin),
        bucket: None,
        files: files.iter().map(|file| (*file).to_owned()).collect(),
        target: "/data".to_owned(),
        allow_write: false,
    };

    let all = cache.ensure_resource(&resource(&[])).unwrap();
    assert_eq!(fs::read(all.folder().join("a.bin")).unwrap(), b"one");
    assert_eq!(fs::read(all.folder().join("b/c.bin")).unwrap(), b"two");
    let some = cache.ensure_resource(&resource(&["b/c.bin"])).unwrap();
    assert_eq!(fs::read_dir(some.folder()).unwrap().count(), 1);
    let error = cache.ensure_resource(&resource(&["b"])).unwrap_err().to_string();
    assert!(error.contains("the object `b` does not exist"), "{error}");

    // Another version is another resource.
    server.put("/bucket/?list-type=2&prefix=models%2F", list("2").as_bytes());
    server.put("/bucket/models/a.bin", b"new");
    let renewed = cache.ensure_resource(&resource(&[])).unwrap();
    assert_eq!(fs::read(renewed.folder().join("a.bin")).unwrap(), b"new");
    assert_eq!(fs::read(all.folder().join("a.bin")).unwrap(), b"one");
}

#[test]
fn a_list_ends() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let page = |objects: &str| {
        format!(
            "<ListBucketResult>{objects}<NextContinuationToken>x</NextContinuationToken>\
             </ListBucketResult>"
        )
    };
    let object = "<Contents><Key>a</Key><ETag>1</ETag><Size>3</Size></Contents>";
    let first = "/?list-type=2&prefix=";
    let next = format!("{first}&continuation-token=x");
    server.put(first, page(object).as_bytes());

    for (objects, problem, requests) in
        [("", "a page without objects", 2), (object, "more than 64 pages", 2 + 64)]
    {
        server.put(&next, page(objects).as_bytes());
        let resource = Resource::S3 {
            url: server.origin.clone(),
            bucket: None,
            files: Vec::new(),
            target: "/data".to_owned(),
            allow_write: false,
        };
        let error = cache.ensure_resource(&resource).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
        assert_eq!(server.count_requests(), requests);
    }
}
