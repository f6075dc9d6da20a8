//! Content that machines share through IPFS nodes that somebody else wrote: js-ipfs, the IPFS
//! project's own node in JavaScript. What it is and what it cannot show is said in `tests/ipfs`.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use nosana_store::Store;
use tempfile::TempDir;

/// A node in a process of its own, which knows nobody but the peers it was given.
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

    /// A file as the node itself puts it together.
    fn cat(&self, id: &str) -> Vec<u8> {
        let url = format!("{}/api/v0/cat?arg={id}&timeout=30s", self.api);
        ureq::post(&url).send_empty().unwrap().into_body().read_to_vec().unwrap()
    }

    /// What `ipfs add` does: the node cuts the file into blocks and names it.
    fn add(&self, content: &[u8]) -> String {
        let head = b"--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n";
        let form = [head, content, b"\r\n--cut--\r\n"].concat();
        let request = ureq::post(&format!("{}/api/v0/add", self.api));
        let mut answer = request
            .header("Content-Type", "multipart/form-data; boundary=cut")
            .send(&form[..])
            .unwrap();
        let said: serde_json::Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        said["Hash"].as_str().unwrap().to_owned()
    }
}

impl Drop for Node {
    /// Waiting closes its standard input first, which is what ends it.
    fn drop(&mut self) {
        self.process.wait().ok();
    }
}

/// Three blocks and the one that links them.
fn large(period: u32) -> Vec<u8> {
    (0..600_000).map(|i| (i % period) as u8).collect()
}

#[test]
#[ignore = "needs js-ipfs: `cargo xtask test --only ipfs` installs it and runs this"]
fn machines_share_content_through_nodes_that_we_did_not_write() {
    let mine = Node::start(&[]);
    let theirs = Node::start(&[&mine]);
    let ((here, _here), (there, _there)) = (mine.store(), theirs.store());

    for (content, known) in [
        (b"hello world\n".to_vec(), Some("QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o")),
        (large(253), None),
    ] {
        let id = here.put(&content).unwrap();
        known.inspect(|known| assert_eq!(id.to_string(), *known));
        assert_eq!(mine.cat(&id.to_string()), content, "our blocks are a file to the node");
        assert_eq!(there.get(&id, 1 << 20).unwrap(), content, "it came by way of two nodes");
        assert_eq!(theirs.add(&content), id.to_string(), "the node gives it the same name");
    }

    // What nobody used for long is not kept any more, also where it is not kept anyway.
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

    // The other way round: nothing of ours made these blocks.
    let content = large(251);
    let id = theirs.add(&content).parse().unwrap();
    assert_eq!(here.get(&id, 1 << 20).unwrap(), content);
}
