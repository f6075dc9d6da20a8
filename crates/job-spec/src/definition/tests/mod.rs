//! Which definitions are read, and the errors about the others.

pub(crate) mod command;
mod container;
mod health_checks;
mod inference;
mod resources;
mod restarts;
mod serve;
mod served;
mod unsupported;
mod verified;
mod warnings;

use serde_json::{Value, json};

use crate::{
    DEFINITION_VERSION, DefinitionError, Execution, ExpectedArtifacts, JobDefinition, Operation,
    OutputType, ServeArgs, Task,
};

/// A definition with `inference/run`.
pub(crate) fn example() -> Value {
    let model = format!("sha256:{}", "0a".repeat(32));
    let args = json!({ "model": model, "task": "embedding", "inputs": ["one", "two"] });
    definition(json!({ "id": "embed", "type": "inference/run", "args": args }))
}

/// A definition in the published schema with these operations.
fn published_job(ops: Value) -> Value {
    json!({ "version": "0.1", "type": "container", "global": { "image": "debian" }, "ops": ops })
}

/// A container in the published schema.
fn run_container(id: &str, args: Value, execution: Value) -> Value {
    json!({ "type": "container/run", "id": id, "args": args, "execution": execution })
}

/// A definition with this operation.
pub(crate) fn definition(operation: Value) -> Value {
    json!({ "version": "nosana/1", "ops": [operation] })
}

fn read_definition(value: &Value) -> Result<JobDefinition, DefinitionError> {
    JobDefinition::from_json(value.to_string().as_bytes())
}

/// The only operation of a definition.
fn read_operation(value: &Value) -> Operation {
    let [operation] = <[Operation; 1]>::try_from(read_definition(value).unwrap().ops).unwrap();
    operation
}

/// The example with one field replaced.
fn with_field(pointer: &str, value: Value) -> Value {
    let mut json = example();
    *json.pointer_mut(pointer).unwrap() = value;
    json
}

#[test]
fn the_documented_shape_is_read_and_written() {
    let definition = read_definition(&example()).unwrap();
    assert_eq!(serde_json::to_value(&definition).unwrap(), example());
    assert_eq!(definition, JobDefinition::new(definition.ops.clone()));
    assert_eq!(definition.ops[0].id(), "embed");
}

#[test]
fn a_service_has_nothing_that_ends_by_itself() {
    let refused = read_definition(&example()).unwrap().validate_service().unwrap_err().to_string();
    assert!(refused.starts_with("/ops/0/type: ends by itself"), "{refused}");

    let mut json = example();
    let args = json!({ "steps": [{ "name": "a", "run": "serve" }] });
    json["ops"] = json!([{ "id": "serve", "type": "command/run", "args": args }]);
    read_definition(&json).unwrap().validate_service().unwrap();
}

#[test]
fn errors_point_at_the_field() {
    let operation = example()["ops"][0].clone();
    let cases = [
        ("/ops", json!([]), "/ops: has 0 operations; 1 to 16 are allowed"),
        ("/ops", json!(vec![operation.clone(); 17]), "/ops: has 17 operations"),
        (
            "/ops",
            json!(vec![operation; 2]),
            "/ops/1/id: `embed` is already the name of an earlier operation",
        ),
        ("/ops/0/id", json!(""), "/ops/0/id: must be 1 to 64"),
        ("/ops/0/id", json!("a b"), "/ops/0/id: must be 1 to 64"),
        ("/version", json!("nosana/2"), "/version: `nosana/2` is not a supported version"),
    ];

    for (pointer, value, expected) in cases {
        let error = read_definition(&with_field(pointer, value)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
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
            matches!(
                read_definition(&with_field(pointer, value)),
                Err(DefinitionError::Malformed(_))
            ),
            "{pointer}"
        );
    }
    for object in ["", "/ops/0", "/ops/0/args"] {
        let mut json = example();
        json.pointer_mut(object).unwrap().as_object_mut().unwrap().insert("gpu".into(), json!(1));
        assert!(matches!(read_definition(&json), Err(DefinitionError::Malformed(_))), "{object}");
    }
    let twice = example().to_string().replacen("\"id\"", "\"id\":\"x\",\"id\"", 1);
    assert!(JobDefinition::from_json(twice.as_bytes()).is_err());
}
