//! `nosana model`, and jobs with models that the software does not know.

mod network;
mod web;

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use network::Network;
use nosana_engine::{ALL_MINILM_L6_V2, ModelStore, SMOLLM2_135M_INSTRUCT};
use nosana_job_spec::{Digest, ModelDigest};
use serde_json::Value;
use tempfile::TempDir;
use web::WebServer;

/// A user's cache with the known models, and a folder for other files.
struct Cache {
    folder: TempDir,
}

impl Cache {
    fn new(has_known_models: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let models = folder.path().join("nosana").join("models");
        fs::create_dir_all(&models).unwrap();

        let users = ModelStore::in_user_cache().unwrap();
        for model in [&ALL_MINILM_L6_V2, &SMOLLM2_135M_INSTRUCT] {
            let path = users.ensure(model).unwrap();
            if has_known_models {
                symlink(&path, models.join(path.file_name().unwrap())).unwrap();
            }
        }
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_nosana"))
            .args(arguments)
            .env("XDG_CACHE_HOME", self.path())
            .env_remove("NOSANA_MODELS_MAX")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[arguments, &["--json"]].concat())).unwrap()
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} succeeded");
        String::from_utf8(output.stderr).unwrap()
    }
}

fn smollm2() -> PathBuf {
    ModelStore::in_user_cache().unwrap().ensure(&SMOLLM2_135M_INSTRUCT).unwrap()
}

/// The language model under another name, so that its file has a digest that nobody knows.
fn renamed_model() -> Vec<u8> {
    let mut bytes = fs::read(smollm2()).unwrap();
    let key = b"general.name";
    let at = bytes.windows(key.len()).position(|window| window == key).unwrap();
    // The type of the value, its length, its first letter.
    let letter = at + key.len() + 4 + 8;
    bytes[letter] = b'X';
    bytes
}

fn digest_of(bytes: &[u8]) -> String {
    ModelDigest(Digest::of(bytes)).to_string()
}

#[test]
fn models_are_pulled_listed_described_and_removed() {
    let cache = Cache::new(false);
    let content = fs::read(smollm2()).unwrap();
    let server = WebServer::start(vec![content.clone()]);
    let digest = digest_of(&content);

    let listed = cache.json(&["model", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[1]["downloaded"], false);

    let pulled = cache.done(&["model", "pull", &server.url(0)]);
    assert!(pulled.starts_with(&digest), "{pulled}");
    let listed = cache.json(&["model", "list"]);
    assert_eq!((&listed[0]["digest"], &listed[0]["downloaded"]), (&digest.into(), &true.into()));
    assert_eq!(listed[0]["size_bytes"], content.len());
    let printed = cache.done(&["model", "list"]);
    assert!(printed.contains("SmolLM2-135M-Instruct") && printed.contains("98 MB"), "{printed}");
    assert!(printed.contains("not downloaded"), "{printed}");

    let info = cache.json(&["model", "info", "smollm2-135m-instruct"]);
    assert_eq!(info["architecture"], "llama");
    assert_eq!(info["quantization"], "Q4_1");
    assert_eq!(info["context_tokens"], 8192);
    assert_eq!(info["tasks"], serde_json::json!(["generation"]));
    let weights = info["weight_bytes"].as_u64().unwrap();
    assert!((90_000_000..content.len() as u64).contains(&weights), "{info}");
    let parameters = info["parameters"].as_u64().unwrap();
    assert!((134_000_000..170_000_000).contains(&parameters), "{info}");
    // 30 layers with 3 heads of 64 keys and 64 values each, and the scores of 49,152 words.
    let cache_bytes = 30 * 3 * 128 * 2 * 4096;
    let step_bytes = (49_152 + 576 * 16) * 4 * 512;
    assert_eq!(info["needed_bytes"], weights + cache_bytes + step_bytes);

    cache.done(&["model", "remove", "SmolLM2-135M-Instruct"]);
    let missing = cache.refused(&["model", "info", "SmolLM2-135M-Instruct"]);
    assert!(missing.contains("nosana model pull"), "{missing}");
    cache.refused(&["model", "remove", "SmolLM2-135M-Instruct"]);
}

#[test]
fn models_leave_for_others_only_if_a_bound_is_given() {
    let cache = Cache::new(false);
    let files: Vec<Vec<u8>> = (0..4).map(|index| format!("file {index}").into_bytes()).collect();
    let server = WebServer::start(files);
    // As a node with a large bound may have it. Nothing is written, so that it takes no room.
    let name = format!("nosana/models/{}.gguf", Digest::of(b"a large model"));
    let large = cache.path().join(name);
    let put_large = || fs::File::create(&large).unwrap().set_len(1_000_000_000_000).unwrap();

    put_large();
    cache.done(&["model", "pull", &server.url(0)]);
    // Nothing answers at this address, after the model was downloaded for its digest.
    let source = server.url(1);
    let address = ["--url", "http://127.0.0.1:9", "--yes"];
    cache.refused(&[&["job", "generate", "Hello", "--model", &source][..], &address].concat());
    assert_eq!(server.count_requests(1), 1);
    assert!(large.exists(), "a client's command removed a node's model");

    cache.done(&["model", "pull", &server.url(2), "--models-max", "1GB"]);
    assert!(!large.exists());
    put_large();
    let bound = [("NOSANA_MODELS_MAX", "1GB")];
    let pulled = cache.run_with(&["model", "pull", &server.url(3)], &bound);
    assert!(pulled.status.success(), "{}", String::from_utf8_lossy(&pulled.stderr));
    assert!(!large.exists());
}

#[test]
fn sources_at_hugging_face_follow_its_variable() {
    let cache = Cache::new(false);
    let server = WebServer::start(vec![b"a file".to_vec()]);
    let endpoint = [("HF_ENDPOINT", &*server.origin())];

    for source in ["hf://org/repo/folder/0.gguf", "hf://org/repo@v1.2/0.gguf"] {
        let pulled = cache.run_with(&["model", "pull", source], &endpoint);
        assert!(pulled.status.success(), "{}", String::from_utf8_lossy(&pulled.stderr));
        let printed = String::from_utf8(pulled.stdout).unwrap();
        assert!(printed.starts_with(&digest_of(b"a file")), "{printed}");
    }
    let expected = ["/org/repo/resolve/main/folder/0.gguf", "/org/repo/resolve/v1.2/0.gguf"];
    assert_eq!(server.paths(), expected);
}

#[test]
fn files_that_are_no_models_are_named() {
    let cache = Cache::new(false);
    let whole = fs::read(smollm2()).unwrap();
    let cut = cache.path().join("cut.gguf");
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let text = cache.path().join("text.gguf");
    fs::write(&text, b"some text").unwrap();

    let cut = cut.to_str().unwrap();
    for command in ["info", "check"] {
        let error = cache.refused(&["model", command, cut]);
        assert!(error.contains("it is cut, or lies about its sizes"), "{error}");
        let error = cache.refused(&["model", command, text.to_str().unwrap()]);
        assert!(error.contains("it is not a GGUF file"), "{error}");
    }

    let digest = digest_of(b"another file");
    let server = WebServer::start(vec![b"some text".to_vec()]);
    let wrong = cache.refused(&["model", "pull", &server.url(0), "--digest", &digest]);
    assert!(wrong.contains(&digest_of(b"some text")), "{wrong}");
    let large = cache.refused(&["model", "pull", &server.url(0), "--models-max", "4B"]);
    assert!(large.contains("--models-max"), "{large}");
    let unknown = cache.refused(&["model", "pull", "no-such-model"]);
    assert!(unknown.contains("nosana model list"), "{unknown}");
}

/// A file whose header is right, but whose tensors are not those of its architecture: the process
/// that loads it fails, and the node names what llama.cpp says.
fn lying_model() -> Vec<u8> {
    let mut bytes = fs::read(smollm2()).unwrap();
    let name = b"output_norm.weight";
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    bytes[at] = b'X';
    bytes
}

/// A file whose header is right, but that has no layers: llama.cpp ends the process that loads it.
fn deadly_model() -> Vec<u8> {
    let mut bytes = fs::read(smollm2()).unwrap();
    let key = b"llama.block_count";
    let at = bytes.windows(key.len()).position(|window| window == key).unwrap();
    // After the type of the value.
    let value = at + key.len() + 4;
    bytes[value..value + 4].fill(0);
    bytes
}

#[test]
fn a_node_runs_models_of_strangers_and_survives_those_that_lie() {
    let cache = Cache::new(true);
    let (model, lying, deadly) = (renamed_model(), lying_model(), deadly_model());
    let server = WebServer::start(vec![model.clone(), lying.clone(), deadly.clone()]);
    let network = Network::start_with(true, &[("XDG_CACHE_HOME", cache.path().to_str().unwrap())]);

    let generate = |index: usize, content: &[u8], more: &[&str]| {
        let (url, digest) = (server.url(index), digest_of(content));
        let listed = ["job", "generate", "--yes", "--max-tokens", "8", "--model", &url];
        let question = ["--digest", &digest, "What is the capital city of Germany?"];
        network.run("client", &[&listed[..], more, &question].concat())
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();

    for (index, content, reason) in [(1, &lying, "output_norm"), (2, &deadly, "SIGABRT")] {
        let refused = generate(index, content, &[]);
        assert!(refused.status.success(), "{}", text(&refused.stderr));
        let job = text(&refused.stdout).lines().last().unwrap().trim().to_owned();
        let log = network.wait_for_log(reason);
        assert!(log.contains("cannot be loaded"), "{log}");
        network.done("client", &["job", "cancel", &job]);
    }

    let answered = generate(0, &model, &["--wait"]);
    let printed = text(&answered.stdout) + &text(&answered.stderr);
    assert!(printed.contains("The capital city of Germany is Berlin"), "{printed}");
    assert_eq!(server.count_requests(0), 1);
    network.wait_for_log("got the model");
    let again = generate(0, &model, &["--wait"]);
    assert!(again.status.success(), "{}", text(&again.stderr));
    assert_eq!(server.count_requests(0), 1, "the node downloaded the model again");
}
