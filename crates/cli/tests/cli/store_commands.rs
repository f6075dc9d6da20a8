//! `nosana store put`, `get` and `ls`, on a folder and without a network.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Command, Output},
};

use nosana_job_spec::{ContentId, Digest};
use tempfile::TempDir;

/// `hello world` and a line's end, and the identifier that `ipfs add` prints for it.
const HELLO: &str = "hello world\n";
const HELLO_ID: &str = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";
/// The identifier that `ipfs add` prints for [`large_file`].
const LARGE_ID: &str = "QmWU4cq12z1Fq8kiWASSMzcpsxbQpY74z1X2koCz2TUnaU";

/// A file of two blocks.
fn large_file() -> Vec<u8> {
    (0..251).cycle().take(300_000).collect()
}

/// A folder with files, and a store that does not exist yet.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("hello"), HELLO).unwrap();
        fs::write(folder.path().join("large"), large_file()).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `nosana store` in the folder.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nosana"));
        command.arg("store").args(arguments).args(["--store", "store"]).current_dir(self.0.path());
        for name in ["NOSANA_URL", "NOSANA_IPFS"] {
            command.env_remove(name);
        }
        command.stdin(File::open(self.path("hello")).unwrap()).output().unwrap()
    }

    /// Runs a command that succeeds, and returns its output.
    fn done(&self, arguments: &[&str]) -> Vec<u8> {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        output.stdout
    }

    fn text(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.done(arguments)).unwrap().trim_end().to_owned()
    }

    /// Runs a command that fails, and returns its error.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// The file of a block.
    fn block(&self, id: &str) -> PathBuf {
        let digest = Digest(id.parse::<ContentId>().unwrap().digest()).to_string();
        self.path("store/blocks").join(&digest[..2]).join(&digest[2..4]).join(digest)
    }
}

#[test]
fn a_stored_file_is_read_again_and_has_the_identifier_of_ipfs() {
    let folder = Folder::new();
    assert!(folder.refused(&["get", HELLO_ID]).contains("cannot find a store at"));

    assert_eq!(folder.text(&["put", "hello"]), HELLO_ID);
    assert_eq!(folder.text(&["put", "-"]), HELLO_ID);
    assert_eq!(folder.text(&["put", "large"]), LARGE_ID);
    assert_eq!(folder.done(&["get", HELLO_ID]), HELLO.as_bytes());
    assert_eq!(folder.done(&["get", LARGE_ID]), large_file());

    assert!(folder.done(&["get", LARGE_ID, "--to", "copy"]).is_empty());
    assert_eq!(fs::read(folder.path("copy")).unwrap(), large_file());
    assert!(folder.refused(&["get", HELLO_ID, "--to", "copy"]).contains("copy exists already"));
    assert_eq!(fs::read(folder.path("copy")).unwrap(), large_file());

    assert!(folder.refused(&["put", "."]).contains("is not a file; pack a folder first"));
    assert!(folder.refused(&["put", "missing"]).contains("cannot read missing"));
}

#[test]
fn content_that_is_damaged_missing_or_too_large_is_not_read() {
    let folder = Folder::new();
    folder.done(&["put", "hello"]);
    folder.done(&["put", "large"]);

    let refused = folder.refused(&["get", LARGE_ID, "--max", "100kB", "--to", "copy"]);
    assert!(refused.contains("300000 bytes, more than the limit of 100000"), "{refused}");
    fs::remove_file(folder.block(LARGE_ID)).unwrap();
    assert!(folder.refused(&["get", LARGE_ID]).contains("is not in this store"));
    fs::write(folder.block(HELLO_ID), "another text").unwrap();
    assert!(folder.refused(&["get", HELLO_ID, "--to", "copy"]).contains("is corrupted"));
    assert!(!folder.path("copy").exists());
}

#[test]
fn a_definition_is_listed_with_its_inputs_and_any_other_file_alone() {
    let folder = Folder::new();
    folder.done(&["put", "hello"]);
    let steps = serde_json::json!([{ "name": "read", "run": "cat hello large" }]);
    let inputs = serde_json::json!([
        { "path": "hello", "content": HELLO_ID },
        { "path": "large", "content": LARGE_ID },
    ]);
    let arguments = serde_json::json!({ "inputs": inputs, "steps": steps });
    let run = serde_json::json!({ "id": "read", "type": "command/run", "args": arguments });
    let definition = serde_json::json!({ "version": "nosana/1", "ops": [run] }).to_string();
    fs::write(folder.path("definition"), &definition).unwrap();

    let id = folder.text(&["put", "definition"]);
    let line = |id: &str, size: &str| format!("{id}  {size:>12}");
    let known = |id: &str, size: usize| format!("{} bytes", line(id, &size.to_string()));
    let own = known(&id, definition.len());
    let hello = known(HELLO_ID, HELLO.len());
    let listed = folder.text(&["ls", &id]);
    assert_eq!(listed, [&own[..], &hello, &line(LARGE_ID, "missing")].join("\n"));

    folder.done(&["put", "large"]);
    let listed = folder.text(&["ls", &id]);
    assert_eq!(listed, [own, hello.clone(), known(LARGE_ID, 300_000)].join("\n"));
    assert_eq!(folder.text(&["ls", HELLO_ID]), hello);
}
