//! Continuations of texts.

use serde_json::{Value, json};

use crate::{
    events::post_stream,
    server::{CHAT_MODEL, TestServer},
};

const PATH: &str = "/v1/completions";

fn completion(prompt: Value, more: Value) -> Value {
    let mut completion = json!({ "model": CHAT_MODEL, "prompt": prompt, "temperature": 0 });
    for (name, value) in more.as_object().unwrap() {
        completion[name] = value.clone();
    }
    completion
}

#[test]
fn each_text_is_continued_on_its_own() {
    let server = TestServer::for_chats();
    let alone = |prompt: &str| {
        let response = server.post(PATH, &completion(json!(prompt), json!({}))).success();
        assert_eq!(response["object"], "text_completion");
        response["choices"][0]["text"].as_str().unwrap().to_owned()
    };
    let prompts = ["The capital of France is", "One, two, three,"];
    let expected = prompts.map(alone);
    assert!(expected[0].contains("Paris") && expected[1].contains("four"), "{expected:?}");

    let both = server.post(PATH, &completion(json!(prompts), json!({}))).success();
    for (index, text) in expected.iter().enumerate() {
        let choice = &both["choices"][index];
        assert_eq!((&choice["index"], &choice["text"]), (&json!(index), &json!(text)));
    }
    assert_eq!(both["usage"]["completion_tokens"], 32, "16 tokens each are the default");

    // Equal texts have different answers.
    let sampled = completion(json!(["Once", "Once"]), json!({ "temperature": 1, "seed": 1 }));
    let choices = server.post(PATH, &sampled).success();
    assert_ne!(choices["choices"][0]["text"], choices["choices"][1]["text"]);
}

#[test]
fn streamed_texts_come_beside_each_other() {
    let server = TestServer::for_chats();
    let prompts = json!(["The capital of France is", "One, two, three,"]);
    let whole = server.post(PATH, &completion(prompts.clone(), json!({}))).success();

    let more = json!({ "stream": true, "stream_options": { "include_usage": true } });
    let events: Vec<Value> = post_stream(&server, PATH, &completion(prompts, more)).collect();
    let mut texts = [String::new(), String::new()];
    for choice in events.iter().filter_map(|event| event["choices"].get(0)) {
        let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
        texts[index].push_str(choice["text"].as_str().unwrap());
    }
    for (index, text) in texts.iter().enumerate() {
        assert_eq!(&whole["choices"][index]["text"], text);
    }
    assert_eq!(events[events.len() - 2]["usage"], whole["usage"]);
}

#[test]
fn logprobs_have_the_places_of_their_tokens() {
    let server = TestServer::for_chats();
    let more = json!({ "logprobs": 2, "max_tokens": 5, "stop": ["?"] });
    let prompt = json!("The capital of France is");
    let response = server.post(PATH, &completion(prompt, more)).success();
    let choice = &response["choices"][0];
    let list = |name: &str| choice["logprobs"][name].as_array().unwrap().clone();

    let tokens: String = list("tokens").iter().map(|token| token.as_str().unwrap()).collect();
    assert_eq!(choice["text"], tokens.as_str());
    let lengths =
        ["tokens", "token_logprobs", "top_logprobs", "text_offset"].map(|name| list(name).len());
    assert_eq!(lengths, [5; 4]);
    for (token, offset) in list("tokens").iter().zip(list("text_offset")) {
        let start = usize::try_from(offset.as_u64().unwrap()).unwrap();
        assert!(tokens[start..].starts_with(token.as_str().unwrap()));
    }
    assert_eq!(list("top_logprobs")[0].as_object().unwrap().len(), 2);
}
