//! What definitions are read, and what is said of the others.

pub(crate) mod command;
mod container;

use serde_json::{Value, json};

use super::*;

pub(crate) fn example() -> Value {
    let model = format!("sha256:{}", "0a".repeat(32));
    let args = json!({ "model": model, "task": "embedding", "inputs": ["one", "two"] });
    json!({ "version": "nosana/1", "ops": [{ "id": "embed", "type": "inference/run", "args": args }] })
}

fn parse(value: &Value) -> Result<JobDefinition, DefinitionError> {
    JobDefinition::from_json(value.to_string().as_bytes())
}

/// The example with one field replaced.
fn with(pointer: &str, value: Value) -> Value {
    let mut json = example();
    *json.pointer_mut(pointer).unwrap() = value;
    json
}

#[test]
fn the_documented_shape_is_read_and_written() {
    let definition = parse(&example()).unwrap();
    assert_eq!(serde_json::to_value(&definition).unwrap(), example());
    assert_eq!(definition, JobDefinition::new(definition.ops.clone()));
    assert_eq!(definition.ops[0].id(), "embed");
}

#[test]
fn a_service_has_nothing_that_ends_by_itself() {
    let refused = parse(&example()).unwrap().validate_service().unwrap_err().to_string();
    assert!(refused.starts_with("/ops/0/type: ends by itself"), "{refused}");
    let mut json = example();
    let serve = json!({ "id": "serve", "type": "command/run", "args": { "steps": [{ "name": "a", "run": "serve" }] } });
    json["ops"] = json!([serve]);
    parse(&json).unwrap().validate_service().unwrap();
}

#[test]
fn errors_point_at_the_field() {
    let cases = [
        ("/ops", json!([]), "/ops: has 0 operations; 1 to 16 are allowed"),
        ("/ops", json!(vec![example()["ops"][0].clone(); 17]), "/ops: has 17 operations"),
        (
            "/ops",
            json!(vec![example()["ops"][0].clone(); 2]),
            "/ops/1/id: `embed` names an earlier operation",
        ),
        ("/ops/0/id", json!(""), "/ops/0/id: must be 1 to 64"),
        ("/ops/0/id", json!("a b"), "/ops/0/id: must be 1 to 64"),
        ("/ops/0/args/inputs", json!([]), "/ops/0/args/inputs: has 0 inputs; 1 to 64 are allowed"),
        ("/ops/0/args/inputs", json!(vec!["x"; 65]), "/ops/0/args/inputs: has 65 inputs"),
        ("/ops/0/args/inputs/1", json!(" \n"), "/ops/0/args/inputs/1: is blank"),
        (
            "/ops/0/args/inputs/1",
            json!("ä".repeat(4097)),
            "/ops/0/args/inputs/1: has 8194 bytes; at most 8192",
        ),
        ("/version", json!("nosana/2"), "/version: `nosana/2` is not understood"),
    ];
    for (pointer, value, expected) in cases {
        let error = parse(&with(pointer, value)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    for (task, count, expected) in [
        ("embedding", 5, Some("/ops/0/args/max_tokens: goes with the task `generation` only")),
        ("generation", 0, Some("/ops/0/args/max_tokens: is 0; 1 to 512 are allowed")),
        ("generation", 513, Some("/ops/0/args/max_tokens: is 513")),
        ("generation", 512, None),
    ] {
        let mut json = with("/ops/0/args/task", json!(task));
        json["ops"][0]["args"]["max_tokens"] = json!(count);
        let error = parse(&json).err().map(|error| error.to_string());
        let fits = error
            .as_deref()
            .zip(expected)
            .is_some_and(|(error, expected)| error.starts_with(expected));
        assert!(fits || error.is_none() && expected.is_none(), "{task} {count}: {error:?}");
    }
    let mut json = with("/ops/0/args/inputs/1", json!("x".repeat(4097)));
    assert!(parse(&json).is_ok());
    json["ops"][0]["args"]["task"] = json!("generation");
    assert!(
        parse(&json).unwrap_err().to_string().ends_with("has 4097 bytes; at most 4096 are allowed")
    );
    assert!(parse(&with("/ops/0/args/inputs/1", json!("ä".repeat(4096)))).is_ok());
    assert!(parse(&with("/ops/0/args/inputs", json!(vec!["x"; 64]))).is_ok());
}

#[test]
fn unknown_types_values_and_fields_are_refused() {
    for (pointer, value) in [
        ("/ops/0/type", json!("inference/walk")),
        ("/ops/0/args/task", json!("poetry")),
        ("/ops/0/args/model", json!("all-MiniLM-L6-v2")),
        ("/ops/0/args/inputs", json!("one")),
    ] {
        assert!(
            matches!(parse(&with(pointer, value)), Err(DefinitionError::Malformed(_))),
            "{pointer}"
        );
    }
    for object in ["", "/ops/0", "/ops/0/args"] {
        let mut json = example();
        json.pointer_mut(object).unwrap().as_object_mut().unwrap().insert("gpu".into(), json!(1));
        assert!(matches!(parse(&json), Err(DefinitionError::Malformed(_))), "{object}");
    }
    let twice = example().to_string().replacen("\"id\"", "\"id\":\"x\",\"id\"", 1);
    assert!(JobDefinition::from_json(twice.as_bytes()).is_err());
}
