//! Vectors of texts.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::server::{EMBEDDING_MODEL, TestServer};

const PATH: &str = "/v1/embeddings";

fn vector(value: &Value) -> Vec<f32> {
    match value {
        Value::String(text) => {
            let bytes = STANDARD.decode(text).unwrap();
            bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
        }
        value => serde_json::from_value(value.clone()).unwrap(),
    }
}

#[test]
fn texts_have_vectors_of_unit_length_in_both_encodings() {
    let server = TestServer::for_embeddings();
    let texts = ["A cat sits on a mat.", "A kitten rests on a rug.", "Stocks fell on Monday."];
    let embed = |input: Value, encoding: &str| {
        let body = json!({
            "model": EMBEDDING_MODEL, "input": input, "encoding_format": encoding, "user": "x",
        });
        server.post(PATH, &body).success()
    };

    let response = embed(json!(texts), "float");
    let vectors: Vec<Vec<f32>> =
        (0..3).map(|index| vector(&response["data"][index]["embedding"])).collect();
    let dot = |a: usize, b: usize| -> f32 {
        vectors[a].iter().zip(&vectors[b]).map(|(a, b)| a * b).sum()
    };
    assert_eq!(vectors[0].len(), 384);
    assert!((dot(0, 0) - 1.0).abs() < 1e-5 && dot(0, 1) > dot(0, 2) + 0.3);
    assert_eq!((&response["object"], &response["data"][2]["index"]), (&json!("list"), &json!(2)));
    assert_eq!(response["usage"]["prompt_tokens"], response["usage"]["total_tokens"]);

    let coded = embed(json!(texts[1]), "base64");
    assert!(coded["data"][0]["embedding"].is_string());
    assert_eq!(vector(&coded["data"][0]["embedding"]), vectors[1]);

    let usage = server.stop();
    let tokens = |response: &Value| response["usage"]["prompt_tokens"].as_u64().unwrap();
    assert_eq!(usage.prompt_tokens, tokens(&response) + tokens(&coded));
    assert_eq!((usage.requests, usage.generated_tokens), (2, 0));
}

#[test]
fn many_texts_take_turns_and_long_ones_are_refused() {
    let server = TestServer::for_embeddings();
    let texts: Vec<String> = (0..40).map(|number| format!("Text {number}")).collect();
    let body = json!({ "model": EMBEDDING_MODEL, "input": texts });
    assert_eq!(server.post(PATH, &body).success()["data"].as_array().unwrap().len(), 40);

    let long = json!({ "model": EMBEDDING_MODEL, "input": ["short", "word ".repeat(600)] });
    let refused = server.post(PATH, &long);
    let error = &refused.json()["error"];
    assert_eq!((refused.status, &error["param"]), (400, &json!("input")));
    assert_eq!(error["code"], "context_length_exceeded");
}
