//! Answers of a language model, and what a client does with a result.

mod network;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::Output,
    thread::sleep,
    time::{Duration, Instant},
};

use network::Network;
use serde_json::{Value, json};

/// Longest time to wait for something on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

#[test]
fn questions_are_answered_and_results_accepted_or_rejected() {
    let network = Network::start(true);

    a_question_is_answered(&network);
    a_cut_answer_has_whole_characters(&network);
    an_answer_follows_a_conversation_and_a_schema(&network);
    a_result_is_rejected_or_accepted(&network);
    a_text_beyond_the_model_fails_or_is_cut(&network);
    a_service_serves_a_model(&network);
}

fn job(network: &Network, arguments: &[&str]) -> Output {
    network.run("client", &[&["job"], arguments].concat())
}

/// The answers of a job that is listed and waited for.
fn generate(network: &Network, arguments: &[&str]) -> Vec<Value> {
    let wait = ["job", "generate", "--yes", "--wait", "--timeout", "300"];
    let printed = network.json("client", &[&wait[..], arguments].concat());
    printed["outputs"]["generate"]["generations"].as_array().unwrap().clone()
}

fn a_question_is_answered(network: &Network) {
    let question = "What is the capital city of Germany?";
    let printed = job(network, &["generate", question, "--max-tokens", "4", "--yes", "--wait"]);
    let stderr = String::from_utf8(printed.stderr).unwrap();
    assert!(printed.status.success() && stderr.contains("cut off after 4 tokens"), "{stderr}");
    assert_eq!(
        String::from_utf8(printed.stdout).unwrap().lines().last(),
        Some("The capital city of")
    );
}

fn a_cut_answer_has_whole_characters(network: &Network) {
    let crabs = "Repeat after me, nothing else: \u{1f980}\u{1f980}\u{1f980}";
    for max_tokens in ["1", "2", "3"] {
        let answers = generate(network, &[crabs, "--max-tokens", max_tokens]);
        let text = answers[0]["text"].as_str().unwrap();
        assert!(!text.contains('\u{fffd}'), "{max_tokens} tokens: {text}");
    }

    let longest = "\u{1f980}".repeat(1024);
    let refused = job(network, &["generate", &format!("{longest}x"), "--yes"]);
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && stderr.contains("at most 4096"), "{stderr}");
    let answers = generate(network, &[&longest, "--max-tokens", "2"]);
    assert!(answers[0]["finish_reason"].is_string());
}

fn an_answer_follows_a_conversation_and_a_schema(network: &Network) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &Value| -> String {
        let path: PathBuf = folder.path().join(name);
        fs::write(&path, content.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let message = |role: &str, content: &str| json!({ "role": role, "content": content });
    let conversation = write(
        "conversation.json",
        &json!([
            message("system", "You name one city."),
            message("user", "Name a city in Germany."),
            message("assistant", "Berlin"),
            message("user", "And one in France, with its people?"),
        ]),
    );
    let schema = json!({
        "type": "object",
        "properties": {
            "city": { "type": "string", "maxLength": 30 },
            "people": { "type": "integer" },
        },
        "required": ["city", "people"],
        "additionalProperties": false,
    });
    let file = write("schema.json", &schema);

    let options = ["--messages", &conversation, "--json-schema", &file, "--logprobs", "2"];
    let answers = generate(network, &[&options[..], &["--max-tokens", "96"]].concat());
    assert_eq!(answers[0]["finish_reason"], "stop", "{answers:?}");
    let answer: Value = serde_json::from_str(answers[0]["text"].as_str().unwrap()).unwrap();
    assert!(answer["city"].is_string() && answer["people"].is_i64(), "{answer}");
    let logprobs = answers[0]["logprobs"].as_array().unwrap();
    assert_eq!(logprobs.len(), answers[0]["token_ids"].as_array().unwrap().len());
    assert_eq!(logprobs[0]["likeliest"].as_array().unwrap().len(), 2);

    let invalid = write("invalid.json", &json!({ "type": "color" }));
    let refused = job(network, &["generate", "Hello", "--json-schema", &invalid, "--yes"]);
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert!(stderr.contains("answers cannot have the requested form"), "{stderr}");
    let user_last = write("open.json", &json!([message("assistant", "Hello")]));
    let refused = job(network, &["generate", "--messages", &user_last, "--yes"]);
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert!(stderr.contains("does not end with a message of the user"), "{stderr}");
}

/// Lists a job and waits until its result is there.
fn submit_result(network: &Network) -> String {
    let listed = network.done("client", &["job", "run", "--yes", "--timeout", "60", "--", "true"]);
    let address = listed.trim().to_owned();
    let deadline = Instant::now() + PATIENCE;

    loop {
        let shown = network.json("client", &["job", "show", &address]);
        match shown["state"].as_str() {
            Some("Submitted") => return address,
            state => assert!(Instant::now() < deadline, "{state:?}"),
        }
        sleep(Duration::from_millis(300));
    }
}

fn a_result_is_rejected_or_accepted(network: &Network) {
    let rejected = submit_result(network);
    let stranger = network.refused("node", &["job", "reject", &rejected]);
    assert!(stranger.contains("NotClient"), "{stranger}");
    let settled = network.json("client", &["job", "reject", &rejected]);
    let settlement = &settled["settlement"];
    assert_eq!(settlement["node_amount"], 0, "{settled}");
    assert!(settlement["refund_amount"].as_u64().unwrap() > 0, "{settled}");
    let shown = network.json("client", &["job", "show", &rejected]);
    assert_eq!((&shown["state"], &shown["reason"]), (&"Settled".into(), &"ResultRejected".into()));

    let accepted = submit_result(network);
    let settled = network.json("client", &["job", "accept", &accepted]);
    assert!(settled["settlement"]["node_amount"].as_u64().unwrap() > 0, "{settled}");
    let late = network.refused("client", &["job", "reject", &accepted]);
    assert!(late.contains("settled"), "{late}");
    let shown = network.json("client", &["job", "show", &accepted]);
    assert_eq!(shown["reason"], "Completed", "{shown}");
}

fn a_text_beyond_the_model_fails_or_is_cut(network: &Network) {
    let text = "word ".repeat(600);
    let refused = job(network, &["embed", &text, "--yes", "--wait"]);
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(125), "{stderr}");
    assert!(stderr.contains("600 words") && stderr.contains("--truncate"), "{stderr}");
    assert!(refused.stdout.is_empty(), "nothing is listed");

    // A few words of many tokens: the client has the model's file, and counts them.
    let text = "antidisestablishmentarianism ".repeat(100);
    let refused = job(network, &["embed", &text, "--yes", "--wait"]);
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(125), "{stderr}");
    assert!(stderr.contains(" tokens") && stderr.contains("--truncate"), "{stderr}");
    assert!(refused.stdout.is_empty(), "nothing is listed");

    let options = ["job", "embed", &text, "--truncate", "--yes", "--wait"];
    let printed = network.json("client", &options);
    assert_eq!(printed["outputs"]["embed"]["embeddings"].as_array().unwrap().len(), 1);
}

/// Repeats `nosana job logs` until it prints the address of the served model.
fn find_served_address(network: &Network, job: &str) -> String {
    let deadline = Instant::now() + PATIENCE;

    loop {
        let logs = network.run("client", &["job", "logs", job]);
        let logs = String::from_utf8(logs.stdout).unwrap();
        if let Some((_, rest)) = logs.split_once("at http://") {
            return rest.split('/').next().unwrap().to_owned();
        }
        assert!(Instant::now() < deadline, "{logs}");
        sleep(Duration::from_secs(1));
    }
}

/// Posts JSON, and returns the status line and the body.
fn post_json(address: &str, path: &str, body: &Value) -> (String, Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();

    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), serde_json::from_str(body).unwrap())
}

fn a_service_serves_a_model(network: &Network) {
    let listed = network.json("client", &["job", "serve", "--yes", "--timeout", "300"]);
    let service = listed["job"].as_str().unwrap();
    let address = find_served_address(network, service);

    let messages = json!([{ "role": "user", "content": "What is the capital city of Germany?" }]);
    let request = json!({
        "model": "SmolLM2-135M-Instruct",
        "messages": messages,
        "max_tokens": 12,
        "temperature": 0,
    });
    let (status, answer) = post_json(&address, "/v1/chat/completions", &request);
    assert!(status.contains("200"), "{status} {answer}");
    let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(text.contains("Berlin"), "{answer}");

    let stopped = network.json("client", &["job", "stop", service]);
    assert!(stopped["settlement"]["node_amount"].as_u64().unwrap() > 0, "{stopped}");
    let gone = Instant::now() + PATIENCE;
    while TcpStream::connect(&address).is_ok() {
        assert!(Instant::now() < gone, "the port stays open");
        sleep(Duration::from_millis(300));
    }

    let batch = tempfile::NamedTempFile::new().unwrap();
    let digest = nosana_engine::SMOLLM2_135M_INSTRUCT.digest().to_string();
    let args = json!({ "model": digest, "task": "generation" });
    let operation = json!({ "id": "serve", "type": "inference/serve", "args": args });
    fs::write(batch.path(), json!({ "version": "nosana/1", "ops": [operation] }).to_string())
        .unwrap();
    let file = batch.path().to_str().unwrap();
    let refused = network.refused("client", &["job", "post", file, "--batch", "--yes"]);
    assert!(refused.contains("list a service, with `--service`"), "{refused}");
}
