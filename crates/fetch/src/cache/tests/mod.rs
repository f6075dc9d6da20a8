//! Resources from a server in the test.
//!
//! | module | purpose |
//! | --- | --- |
//! | `bucket` | objects of a bucket |
//! | `damaged` | what a process leaves that was killed |
//! | `mount_points` | resources in whose folders others are mounted |
//! | `room` | the bound of the cache |
//! | `unfinished` | what is kept of fetches that end early |

mod bucket;
mod damaged;
mod mount_points;
mod room;
mod unfinished;

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use nosana_job_spec::{Digest, Resource};

use super::*;
use crate::FetchError;

/// A web server. A path that it does not have is not found. A content that begins with `CUT` is cut
/// in the middle; one that begins with `CLAIM` claims to have two million bytes; of one that begins
/// with `PARTS`, the rest can be requested alone.
struct Server {
    origin: String,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    /// The first byte that each request names.
    requests: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let files = Arc::<Mutex<BTreeMap<String, Vec<u8>>>>::default();
        let requests = Arc::<Mutex<Vec<Option<usize>>>>::default();

        let (served, made) = (Arc::clone(&files), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                let path = lines[0].split(' ').nth(1).unwrap().to_owned();
                let first_byte = lines.iter().find_map(|line| {
                    let line = line.to_lowercase();
                    line.strip_prefix("range: bytes=")?.trim_end_matches('-').parse().ok()
                });
                let content = served.lock().unwrap().get(&path).cloned();
                made.lock().unwrap().push(first_byte);
                // The client may go before it has everything.
                let _ = answer(&stream, content, first_byte);
            }
        });
        Self { origin, files, requests }
    }

    fn put(&self, path: &str, content: &[u8]) -> String {
        self.files.lock().unwrap().insert(path.to_owned(), content.to_vec());
        format!("{}{path}", self.origin)
    }

    fn count_requests(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

fn answer(
    mut stream: &TcpStream,
    content: Option<Vec<u8>>,
    first_byte: Option<usize>,
) -> std::io::Result<()> {
    let Some(content) = content else {
        return write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    };
    let has_parts = content.starts_with(b"PARTS");
    let start = first_byte.filter(|start| has_parts && *start < content.len()).unwrap_or(0);
    let length = if content.starts_with(b"CLAIM") { 2_000_000 } else { content.len() - start };

    match (has_parts, start) {
        (true, 1..) => {
            let (last, total) = (content.len() - 1, content.len());
            write!(stream, "HTTP/1.1 206 Partial Content\r\n")?;
            write!(stream, "Content-Range: bytes {start}-{last}/{total}\r\n")?;
        }
        (true, 0) => write!(stream, "HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\n")?,
        (false, _) => write!(stream, "HTTP/1.1 200 OK\r\n")?,
    }
    write!(stream, "Connection: close\r\nContent-Length: {length}\r\n\r\n")?;
    let end = if content.starts_with(b"CUT") { content.len() / 2 } else { content.len() };
    stream.write_all(&content[start..end])
}

fn new_cache() -> (TempDir, ResourceCache) {
    let folder = tempfile::tempdir().unwrap();
    let cache = ResourceCache::at(folder.path().join("cache")).with_private_sources();
    (folder, cache)
}

fn file_of(url: &str, content: Option<&[u8]>) -> Resource {
    let sha256 = content.map(|content| Digest::of(content).to_string());
    Resource::Http { url: url.to_owned(), sha256, target: "/data".to_owned() }
}

/// The names of everything in the cache.
fn list_cache(cache: &ResourceCache) -> Vec<String> {
    let entries = fs::read_dir(&cache.folder).unwrap().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_with_a_digest_is_fetched_once() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let resource = file_of(&server.put("/a/b.bin", b"content"), Some(b"content"));

    for _ in 0..2 {
        let cached = cache.ensure_resource(&resource).unwrap();
        assert_eq!(fs::read(cached.folder().join("b.bin")).unwrap(), b"content");
    }
    assert_eq!((server.count_requests(), list_cache(&cache).len()), (1, 1));
}

#[test]
fn a_file_without_a_digest_is_not_kept() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let resource = file_of(&server.put("/b.bin", b"content"), None);

    for count in 1..3 {
        let cached = cache.ensure_resource(&resource).unwrap();
        assert_eq!(fs::read(cached.folder().join("b.bin")).unwrap(), b"content");
        assert_eq!((server.count_requests(), list_cache(&cache).len()), (count, 1));
        drop(cached);
        assert_eq!(list_cache(&cache), [""; 0]);
    }
}

#[test]
fn what_fails_is_named_and_leaves_nothing() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let wrong = file_of(&server.put("/wrong", b"other"), Some(b"content"));
    let missing = file_of(&format!("{}/missing", server.origin), Some(b"content"));
    let cut = file_of(&server.put("/cut", b"CUT content"), None);

    for (resource, problem) in [
        (wrong, "has the SHA-256"),
        (missing, "it answers 404 Not Found"),
        (cut, "Peer disconnected"),
    ] {
        let error = cache.ensure_resource(&resource).unwrap_err();
        assert!(matches!(error, FetchError::Source { .. }), "{error}");
        let error = error.to_string();
        assert!(error.contains(&server.origin) && error.contains(problem), "{error}");
        assert_eq!(list_cache(&cache), [""; 0]);
    }
}

#[test]
fn private_addresses_are_refused_unless_the_owner_allows_them() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start();
    let url = server.put("/a", b"content");

    let error = ResourceCache::at(folder.path()).ensure_resource(&file_of(&url, None)).unwrap_err();
    assert!(error.to_string().contains("--private-sources"), "{error}");
    let by_name = url.replace("127.0.0.1", "localhost");
    let error = ResourceCache::at(folder.path()).ensure_resource(&file_of(&by_name, None));
    assert!(error.unwrap_err().to_string().contains("--private-sources"));
    assert_eq!(server.count_requests(), 0);
}

#[test]
fn a_fetch_that_nobody_wants_ends() {
    let (_folder, cache) = new_cache();
    let server = Server::start();
    let resource = file_of(&server.put("/a", b"content"), Some(b"content"));

    let error = cache.ensure_wanted(&resource.clone().into(), &|| false).unwrap_err().to_string();
    assert!(error.contains("no job waits for it"), "{error}");
    assert_eq!(list_cache(&cache), [""; 0]);
    cache.ensure_wanted(&resource.into(), &|| true).unwrap();
}
