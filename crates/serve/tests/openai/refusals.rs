//! What is refused, and how.

use serde_json::{Value, json};

use crate::server::{CHAT_MODEL, EMBEDDING_MODEL, TestServer};

const CHAT: &str = "/v1/chat/completions";

/// Asserts that a request is refused with this status, field and code, and a message.
fn assert_refused(server: &TestServer, path: &str, body: &Value, expected: (u16, Value, Value)) {
    let reply = server.post(path, body);
    let error = &reply.json()["error"];
    let found = (reply.status, error["param"].clone(), error["code"].clone());
    assert_eq!(found, expected, "{body}");
    assert_eq!(error["type"], "invalid_request_error");
    assert!(error["message"].as_str().unwrap().len() > 10);
}

#[test]
fn requests_that_would_have_another_answer_are_refused() {
    let server = TestServer::for_chats();
    let messages = json!([{ "role": "user", "content": "Hello" }]);
    let unsupported = json!("unsupported_parameter");
    let cases = [
        ("tools", json!([{ "type": "function", "function": { "name": "f" } }])),
        ("n", json!(2)),
        ("logit_bias", json!({ "50256": -100 })),
        ("presence_penalty", json!(0.5)),
        ("frequency_penalty", json!(-0.5)),
        ("modalities", json!(["text", "audio"])),
        ("guided_regex", json!("[0-9]+")),
    ];
    for (name, value) in cases {
        let body = json!({ "model": CHAT_MODEL, "messages": messages, name: value });
        assert_refused(&server, CHAT, &body, (400, json!(name), unsupported.clone()));
    }

    let image = json!({ "type": "image_url", "image_url": { "url": "data:image/png;base64," } });
    let body = json!({
        "model": CHAT_MODEL, "messages": [{ "role": "user", "content": [image] }],
    });
    let place = json!("messages[0].content[0]");
    assert_refused(&server, CHAT, &body, (400, place, unsupported));

    let tokens = json!({ "model": CHAT_MODEL, "prompt": [1, 2, 3] });
    assert_refused(&server, "/v1/completions", &tokens, (400, json!("prompt"), Value::Null));
    let usage = server.stop();
    assert_eq!((usage.requests, usage.failed_requests), (9, 9));
    assert_eq!((usage.prompt_tokens, usage.generated_tokens), (0, 0));
}

#[test]
fn other_models_and_other_tasks_are_refused() {
    let chats = TestServer::for_chats();
    let embeddings = TestServer::for_embeddings();
    let messages = json!([{ "role": "user", "content": "Hello" }]);
    let model = json!("model");

    let other = json!({ "model": "gpt-4", "messages": messages, "tools": [1] });
    assert_refused(&chats, CHAT, &other, (404, model.clone(), json!("model_not_found")));
    let chat = json!({ "model": EMBEDDING_MODEL, "messages": messages });
    assert_refused(&embeddings, CHAT, &chat, (400, model.clone(), Value::Null));
    let text = json!({ "model": EMBEDDING_MODEL, "prompt": "a" });
    assert_refused(&embeddings, "/v1/completions", &text, (400, model.clone(), Value::Null));
    let embed = json!({ "model": CHAT_MODEL, "input": "Hello" });
    assert_refused(&chats, "/v1/embeddings", &embed, (400, model.clone(), Value::Null));
    assert_refused(&chats, CHAT, &json!({}), (400, model, Value::Null));

    let short = json!({ "model": EMBEDDING_MODEL, "input": "a", "dimensions": 64 });
    let unsupported = json!("unsupported_parameter");
    assert_refused(&embeddings, "/v1/embeddings", &short, (400, json!("dimensions"), unsupported));
}

#[test]
fn long_prompts_and_bad_schemas_are_the_clients_errors() {
    let server = TestServer::for_chats();
    let chat = |content: &str, more: Value| {
        let mut body =
            json!({ "model": CHAT_MODEL, "messages": [{ "role": "user", "content": content }] });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let too_long = (400, json!("messages"), json!("context_length_exceeded"));
    let long = "word ".repeat(9_000);
    assert_refused(&server, CHAT, &chat(&long, json!({})), too_long.clone());
    let many = chat("Hello", json!({ "max_tokens": 8_190 }));
    assert_refused(&server, CHAT, &many, too_long.clone());
    let streamed = chat("Hello", json!({ "max_tokens": 8_190, "stream": true }));
    assert_refused(&server, CHAT, &streamed, too_long);

    let schema = json!({ "type": "color" });
    let format = json!({ "type": "json_schema", "json_schema": { "name": "a", "schema": schema } });
    let bad = chat("Hello", json!({ "response_format": format }));
    assert_refused(&server, CHAT, &bad, (400, json!("response_format"), Value::Null));
    assert_eq!(server.get("/health").success()["status"], "ok");
}

#[test]
fn bodies_paths_and_methods_are_checked() {
    let server = TestServer::for_chats();
    let kind = "application/json";
    for (status, content_type, body) in [
        (400, kind, "{".to_owned()),
        (400, kind, "[]".to_owned()),
        (413, kind, format!("\"{}\"", "a".repeat(1 << 20))),
        (413, kind, format!("\"{}\"", "a".repeat(8 << 20))),
        (415, "text/plain", "{}".to_owned()),
    ] {
        let reply = server.post_text(CHAT, content_type, &body);
        assert_eq!(reply.status, status, "{}", reply.text);
        assert!(reply.json()["error"]["message"].is_string());
        assert!(reply.headers.get("access-control-allow-origin").is_none());
    }

    let missing = server.get("/v1/images");
    assert_eq!((missing.status, &missing.json()["error"]["code"]), (404, &json!("unknown_url")));
    assert_eq!(server.get(CHAT).status, 405);
    assert_eq!(server.get("/health").success()["model"], CHAT_MODEL);

    let metrics = server.get("/metrics");
    assert_eq!(metrics.status, 200);
    for line in [
        "nosana_serve_requests_total{endpoint=\"chat\",status=\"413\"} 2",
        "nosana_serve_requests_total{endpoint=\"other\",status=\"404\"} 1",
        "nosana_serve_waiting_requests 0",
    ] {
        assert!(metrics.text.contains(line), "{line}\n{}", metrics.text);
    }
}
