//! Content that machines share through js-ipfs, the IPFS project's own node in JavaScript. The
//! README in `tests/ipfs` describes what it covers and what it does not.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use nosana_store::Store;
use tempfile::TempDir;

/// A node in a process of its own, which connects only to the given peers.
struct Node {
    process: Child,
    api: String,
    address: String,
    _repository: TempDir,
}

impl Node {
    fn start(peers: &[&Self]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ipfs/node.js");
        let repository = tempfile::tempdir().unwrap();
        let mut node = Command::new("node");
        node.arg(script).arg(repository.path()).args(peers.iter().map(|peer| &peer.address));
        let mut process =
            node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("no Node.js");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (api, address) = line
            .trim_end()
            .split_once(' ')
            .expect("the node starts: `cargo xtask test --only ipfs` installs it");
        Self { api: api.to_owned(), address: address.to_owned(), process, _repository: repository }
    }

    /// A store on a machine that has this node.
    fn store(&self) -> (Store, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Store::open(folder.path()).unwrap().with_ipfs(&self.api), folder)
    }

    /// Reads a file through the node itself.
    fn cat(&self, id: &str) -> Vec<u8> {
        let url = format!("{}/api/v0/cat?arg={id}&timeout=30s", self.api);
        ureq::post(&url).send_empty().unwrap().into_body().read_to_vec().unwrap()
    }

    /// Does what `ipfs add` does: the node cuts the file into blocks and returns its identifier.
    fn add(&self, content: &[u8]) -> String {
        let head = b"--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n";
        let form = [head, content, b"\r\n--cut--\r\n"].concat();
        let request = ureq::post(&format!("{}/api/v0/add", self.api));
        let mut answer = request
            .header("Content-Type", "multipart/form-data; boundary=cut")
            .send(&form[..])
            .unwrap();
        let response: serde_json::Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        response["Hash"].as_str().unwrap().to_owned()
    }
}

impl Drop for Node {
    /// Waiting closes its standard input first, which ends the process.
    fn drop(&mut self) {
        self.process.wait().ok();
    }
}

/// The content of three blocks and their root.
fn large_content(period: u32) -> Vec<u8> {
    (0..600_000).map(|i| (i % period) as u8).collect()
}

#[test]
#[ignore = "needs js-ipfs: `cargo xtask test --only ipfs` installs it and runs this"]
fn machines_share_content_through_nodes_of_the_ipfs_project() {
    let mine = Node::start(&[]);
    let theirs = Node::start(&[&mine]);
    let ((here, _here), (there, _there)) = (mine.store(), theirs.store());

    for (content, known) in [
        (b"hello world\n".to_vec(), Some("QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o")),
        (large_content(253), None),
    ] {
        let id = here.put(&content).unwrap();
        known.inspect(|known| assert_eq!(id.to_string(), *known));
        assert_eq!(mine.cat(&id.to_string()), content, "our blocks are a file to the node");
        assert_eq!(there.get(&id, 1 << 20).unwrap(), content, "it was fetched through two nodes");
        assert_eq!(theirs.add(&content), id.to_string(), "the node computes the same identifier");
    }

    // Unused content is unpinned, and content that is not pinned causes no error.
    let pins = || {
        ureq::post(format!("{}/api/v0/pin/ls", mine.api))
            .send_empty()
            .unwrap()
            .into_body()
            .read_to_string()
    };
    let (gone, kept) = (here.put(b"used once").unwrap(), pins().unwrap());
    assert!(kept.contains(&gone.to_string()), "{kept}");
    for store in [&here, &there] {
        assert!(store.collect_garbage(Duration::ZERO).unwrap().files > 0);
    }
    let kept = pins().unwrap();
    assert!(!kept.contains(&gone.to_string()), "{kept}");

    // The other direction: the node made these blocks.
    let content = large_content(251);
    let id = theirs.add(&content).parse().unwrap();
    assert_eq!(here.get(&id, 1 << 20).unwrap(), content);
}
