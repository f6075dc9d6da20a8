//! Chats, whole and in parts.

use nosana_engine::{GenerationOptions, Prompt};
use serde_json::{Value, json};

use crate::{
    events::post_stream,
    server::{CHAT_MODEL, TestServer, generator},
};

const PATH: &str = "/v1/chat/completions";
const QUESTION: &str = "What is the capital city of Germany?";
const ANSWER: &str = "The capital city of Germany is Berlin.";

/// A chat with a question, greedy, and with more fields.
fn chat(question: &str, more: Value) -> Value {
    let mut chat = json!({
        "model": CHAT_MODEL,
        "messages": [{ "role": "user", "content": question }],
        "temperature": 0,
        "max_tokens": 24,
    });
    for (name, value) in more.as_object().unwrap() {
        chat[name] = value.clone();
    }
    chat
}

#[test]
fn a_chat_has_the_answer_of_the_engine() {
    let server = TestServer::for_chats();
    let response = server.post(PATH, &chat(QUESTION, json!({ "user": "ignored" }))).success();

    let options = GenerationOptions { max_tokens: 24, ..GenerationOptions::default() };
    let prompts = [Prompt::question(QUESTION)];
    let direct = generator().generate(&prompts, &options, || true).unwrap().remove(0);
    let choice = &response["choices"][0];
    assert_eq!(
        choice["message"],
        json!({
            "role": "assistant", "content": direct.text, "refusal": null,
        })
    );
    assert_eq!(direct.text, ANSWER);
    assert_eq!((&choice["finish_reason"], &choice["logprobs"]), (&json!("stop"), &Value::Null));
    assert_eq!(
        (&response["object"], &response["model"]),
        (&json!("chat.completion"), &json!(CHAT_MODEL))
    );
    let (prompt, tokens) = (direct.prompt_tokens, direct.token_ids.len());
    assert_eq!(
        response["usage"],
        json!({
            "prompt_tokens": prompt, "completion_tokens": tokens, "total_tokens": prompt + tokens,
        })
    );

    let usage = server.stop();
    assert_eq!((usage.requests, usage.failed_requests), (1, 0));
    assert_eq!((usage.prompt_tokens, usage.generated_tokens), (prompt as u64, tokens as u64));
}

#[test]
fn the_fields_change_the_answer() {
    let server = TestServer::for_chats();
    let ask = |more| server.post(PATH, &chat(QUESTION, more)).success();
    let text = |response: &Value| {
        response["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    };

    let short = ask(json!({ "max_completion_tokens": 3 }));
    assert_eq!(text(&short), "The capital city");
    assert_eq!(short["choices"][0]["finish_reason"], "length");
    let stopped = ask(json!({ "stop": [" Germany"] }));
    assert_eq!(text(&stopped), "The capital city of");
    assert_eq!(stopped["choices"][0]["finish_reason"], "stop");

    let parts = json!([
        { "role": "developer", "content": "You are a pirate." },
        { "role": "user", "content": [{ "type": "text", "text": QUESTION }] },
    ]);
    let pirate = ask(json!({ "messages": parts }));
    let tokens = |response: &Value| response["usage"]["prompt_tokens"].as_u64().unwrap();
    assert_ne!(tokens(&pirate), tokens(&short));

    // By default a story is different each time, and a seed repeats it.
    let story = |more: Value| {
        let mut story = chat("Write a story.", more);
        story.as_object_mut().unwrap().remove("temperature");
        text(&server.post(PATH, &story).success())
    };
    assert_ne!(story(json!({})), story(json!({})));
    assert_eq!(story(json!({ "seed": 7 })), story(json!({ "seed": 7 })));
}

#[test]
fn a_streamed_chat_comes_in_parts() {
    let server = TestServer::for_chats();
    let more = json!({ "stream": true, "stream_options": { "include_usage": true } });
    let events: Vec<Value> = post_stream(&server, PATH, &chat(QUESTION, more)).collect();

    let (last, events) = events.split_last().unwrap();
    assert!(last.is_null(), "[DONE]");
    let (usage, events) = events.split_last().unwrap();
    assert_eq!(usage["choices"], json!([]));
    assert!(usage["usage"]["completion_tokens"].as_u64().unwrap() > 3, "{usage}");

    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    let delta = |event: &Value| {
        event["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(events.iter().map(delta).collect::<String>(), ANSWER);
    assert!(events.len() > 5, "one part for each token");
    let ends: Vec<&Value> =
        events.iter().map(|event| &event["choices"][0]["finish_reason"]).collect();
    assert_eq!(ends.last().unwrap().as_str(), Some("stop"));
    assert!(ends.iter().rev().skip(1).all(|reason| reason.is_null()));
    assert!(events.iter().all(|event| event["usage"].is_null() && event["id"] == usage["id"]));

    let plain: Vec<Value> =
        post_stream(&server, PATH, &chat(QUESTION, json!({ "stream": true }))).collect();
    assert!(plain.iter().all(|event| event.get("usage").is_none()));
}

#[test]
fn logprobs_are_those_of_the_likeliest_tokens() {
    let server = TestServer::for_chats();
    let more = json!({ "logprobs": true, "top_logprobs": 2, "max_tokens": 6 });
    let response = server.post(PATH, &chat(QUESTION, more.clone())).success();
    let tokens = response["choices"][0]["logprobs"]["content"].as_array().unwrap();
    assert_eq!(tokens.len(), 6);
    for token in tokens {
        let likeliest = token["top_logprobs"].as_array().unwrap();
        assert_eq!((likeliest.len(), &likeliest[0]["token"]), (2, &token["token"]));
        assert!(token["logprob"].as_f64().unwrap() <= 0.0);
    }

    let mut streamed = chat(QUESTION, more);
    streamed["stream"] = json!(true);
    let entries = |event: &Value| event["choices"][0]["logprobs"]["content"].as_array().cloned();
    let parts = post_stream(&server, PATH, &streamed);
    assert_eq!(&parts.filter_map(|event| entries(&event)).flatten().collect::<Vec<_>>(), tokens);
}

#[test]
fn an_answer_has_the_form_of_its_schema() {
    let server = TestServer::for_chats();
    let schema = json!({
        "type": "object",
        "properties": { "city": { "type": "string" }, "people": { "type": "integer" } },
        "required": ["city", "people"],
        "additionalProperties": false,
    });
    let format = json!({
        "type": "json_schema", "json_schema": { "name": "city", "strict": true, "schema": schema },
    });

    let object = "Describe a cat as a JSON object with the keys \"name\" and \"age\".";
    for (question, format) in
        [("Name a city and its people.", format), (object, json!({ "type": "json_object" }))]
    {
        let more = json!({ "response_format": format, "max_tokens": 64 });
        let response = server.post(PATH, &chat(question, more)).success();
        let text = response["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
        assert_eq!(response["choices"][0]["finish_reason"], "stop", "{text}");
        assert!(serde_json::from_str::<Value>(&text).unwrap().is_object(), "{text}");
    }
}

#[test]
fn the_model_is_listed_and_can_be_named_by_its_digest() {
    let server = TestServer::for_chats();
    let list = server.get("/v1/models").success();
    assert_eq!(
        (list["object"].as_str(), list["data"].as_array().unwrap().len()),
        (Some("list"), 1)
    );
    let model = &list["data"][0];
    assert_eq!((&model["id"], &model["object"]), (&json!(CHAT_MODEL), &json!("model")));
    assert_eq!(model["max_model_len"], 8_192);

    let digest = model["digest"].as_str().unwrap();
    assert_eq!(&server.get(&format!("/v1/models/{CHAT_MODEL}")).success(), model);
    let other = server.get("/v1/models/organization/other");
    assert_eq!((other.status, &other.json()["error"]["code"]), (404, &json!("model_not_found")));
    let named = chat("Hello", json!({ "model": digest, "max_tokens": 2 }));
    assert_eq!(server.post(PATH, &named).success()["model"], CHAT_MODEL);
}
