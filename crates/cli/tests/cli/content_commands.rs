//! `nosana localnet --content` and `nosana explorer` as processes: what they print, serve and store.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use nosana_job_spec::Digest;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{network::Network, nosana};

/// The block of a file with `hello world` and a line's end, and the identifier that `ipfs add`
/// prints for it.
const BLOCK: &[u8] = b"\x0a\x12\x08\x02\x12\x0chello world\n\x18\x0c";
const BLOCK_ID: &str = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";
const PAGE: &str = "<!doctype html><title>Explorer</title>";

/// Both serve the folder of the network's store.
pub fn what_one_command_stores_the_other_serves(network: &Network) {
    let content = network.content.as_deref().expect("the network prints its content endpoint");
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("index.html"), PAGE).unwrap();
    let explorer = Explorer::start(network, folder.path());
    the_page_has_its_network_and_its_policy(&explorer, network);

    let name = Digest::of(BLOCK).to_string();
    let file = network.store.join("blocks").join(&name[..2]).join(&name[2..4]).join(&name);
    let get = format!("GET /ipfs/{BLOCK_ID}?format=raw");
    let put = format!("PUT /ipfs/{BLOCK_ID}");
    let [own, foreign] = ["http://127.0.0.1:5173", "https://example.com"];
    for (url, other) in [(content, &*explorer.url), (&*explorer.url, content)] {
        assert_eq!(send_request(url, &get, own, b"").status, 404, "{url}");
        assert_eq!(send_request(url, &put, foreign, BLOCK).status, 403, "{url}");
        assert_eq!(send_request(url, &put, own, b"another block").status, 400, "{url}");
        assert_eq!(send_request(url, &put, own, BLOCK).status, 204, "{url}");

        let served = send_request(other, &get, foreign, b"");
        assert_eq!((served.status, served.body.as_slice()), (200, BLOCK), "{other}");
        assert!(served.head.contains("access-control-allow-origin: *"), "{}", served.head);
        let store = network.store.to_str().unwrap();
        let read = nosana(&["store", "get", BLOCK_ID, "--store", store]);
        assert_eq!(read.stdout, b"hello world\n");
        fs::remove_file(&file).unwrap();
    }
    explorer.stop();
}

fn the_page_has_its_network_and_its_policy(explorer: &Explorer, network: &Network) {
    let page = send_request(&explorer.url, "GET /", &explorer.url, b"");
    assert_eq!((page.status, page.body.as_slice()), (200, PAGE.as_bytes()));
    for header in ["content-security-policy: frame-ancestors 'none'", "x-frame-options: deny"] {
        assert!(page.head.contains(header), "{header}: {}", page.head);
    }
    assert_eq!(send_request(&explorer.url, "GET /none.js", &explorer.url, b"").status, 404);

    let config = send_request(&explorer.url, "GET /config.json", &explorer.url, b"");
    let config: Value = serde_json::from_slice(&config.body).unwrap();
    assert_eq!((&config["url"], &config["content"]), (&json!(network.url), &json!(explorer.url)));
    let port: u16 = network.url.rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(config["ws"], format!("ws://127.0.0.1:{}", port + 1));
}

/// `nosana explorer` in a process of its own, until it is dropped.
struct Explorer {
    process: Child,
    url: String,
}

impl Explorer {
    fn start(network: &Network, page: &Path) -> Self {
        let page = page.to_str().unwrap();
        let mut command = network.command("client", &["explorer", "--port=0", "--page", page]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();

        // Up to its last line: a pipe that is closed earlier would end it.
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let printed: Vec<_> = lines.take_while(|line| !line.starts_with("Open it")).collect();
        let url = printed.iter().find_map(|line| line.strip_prefix("explorer "));
        let url = url.expect("it prints its address").trim().to_owned();
        Self { process, url }
    }

    /// Ends it by a signal, after which it succeeds.
    fn stop(mut self) {
        let sent = Command::new("kill").arg(self.process.id().to_string()).status();
        assert!(sent.unwrap().success());
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a server answers; the head is in lower case.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

/// Sends a request of a page of `origin`.
fn send_request(url: &str, request: &str, origin: &str, body: &[u8]) -> Answer {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!(
        "{request} HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();

    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    let head = String::from_utf8(answer).unwrap().to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body }
}
