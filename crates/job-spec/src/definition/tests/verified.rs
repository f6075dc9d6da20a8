use serde_json::{Value, json};

use super::{definition, read_definition};

fn model() -> String {
    format!("sha256:{}", "0a".repeat(32))
}

fn check(operation: Value) -> Result<(), String> {
    let definition = read_definition(&definition(operation)).unwrap();
    definition.validate_verified().map_err(|error| error.to_string())
}

fn generation(extra: &Value) -> Value {
    let mut args = json!({ "model": model(), "task": "generation", "inputs": ["Why?"] });
    args.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json!({ "id": "a", "type": "inference/run", "args": args })
}

#[test]
fn likeliest_answers_and_embeddings_can_be_verified() {
    for extra in [
        json!({}),
        json!({ "stop": ["."], "system": "Be brief.", "max_tokens": 9 }),
        json!({ "sampling": { "seed": 7, "temperature": 0.0, "repeat_penalty": 1.0 } }),
    ] {
        assert_eq!(check(generation(&extra)), Ok(()), "{extra}");
    }
    let args = json!({ "model": model(), "task": "embedding", "inputs": ["a"], "truncate": true });
    assert_eq!(check(json!({ "id": "a", "type": "inference/run", "args": args })), Ok(()));
}

#[test]
fn what_other_nodes_cannot_decide_is_refused() {
    for (extra, field) in [
        (json!({ "sampling": { "temperature": 0.1 } }), "/ops/0/args/sampling"),
        (json!({ "sampling": { "repeat_penalty": 1.1 } }), "/ops/0/args/sampling"),
        (json!({ "logprobs": 0 }), "/ops/0/args/logprobs"),
        (json!({ "format": { "json_schema": {} } }), "/ops/0/args/format"),
        (
            json!({ "model": { "digest": model(), "sources": ["https://example.com/a.gguf"] } }),
            "/ops/0/args/model",
        ),
    ] {
        let error = check(generation(&extra)).unwrap_err();
        assert!(error.starts_with(field), "{error}");
    }
    let args = json!({ "steps": [{ "name": "one", "run": "true" }] });
    let error = check(json!({ "id": "a", "type": "command/run", "args": args })).unwrap_err();
    assert!(error.starts_with("/ops/0/type: cannot be verified"), "{error}");
}
