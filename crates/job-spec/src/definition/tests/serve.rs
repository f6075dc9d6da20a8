//! `inference/serve`.

use super::*;
use crate::{ExposedPort, SERVE_PORT};

fn served(fields: Value) -> Value {
    let mut args = json!({ "model": format!("sha256:{}", "0b".repeat(32)), "task": "generation" });
    for (name, value) in fields.as_object().unwrap() {
        args[name] = value.clone();
    }
    let operation = json!({ "id": "chat", "type": "inference/serve", "args": args });
    json!({ "version": "nosana/1", "ops": [operation] })
}

#[test]
fn the_operation_runs_until_it_is_stopped_and_keeps_no_files() {
    let json = served(json!({ "parallel": 16, "context_tokens": 131_072 }));
    let operation = read_operation(&json);
    assert_eq!(serde_json::to_value(&operation).unwrap(), json["ops"][0]);

    assert_eq!(operation.id(), "chat");
    assert!(!operation.ends_by_itself());
    assert!(!operation.fits_batch());
    assert_eq!(operation.output_type(), OutputType::Serving);
    assert_eq!(operation.step_names(), None);
    assert_eq!(operation.expected_artifacts(), ExpectedArtifacts::default());
    assert_eq!(operation.sandbox_limits(), None);
    assert_eq!(operation.execution(), None);
    assert_eq!(operation.inference_args(), None);
    assert!(operation.serving_args().is_some());
    assert_eq!(operation.exposed_ports(), [ExposedPort::new(SERVE_PORT)]);

    let Operation::InferenceServe { args, .. } = read_operation(&served(json!({}))) else {
        panic!("another type")
    };
    assert_eq!((args.parallel(), args.context_tokens()), (4, 4_096));
    assert_eq!(args, ServeArgs::new(args.model.clone(), Task::Generation));
}

#[test]
fn a_served_model_is_a_service_and_no_batch_job() {
    let definition = read_definition(&served(json!({}))).unwrap();
    definition.validate_service().unwrap();
    let refused = definition.validate_batch().unwrap_err().to_string();
    assert!(refused.starts_with("/ops/0/type: runs until it is stopped"), "{refused}");
    read_definition(&example()).unwrap().validate_batch().unwrap();
}

#[test]
fn errors_point_at_the_field() {
    for (fields, expected) in [
        (json!({ "parallel": 0 }), "parallel: is 0; 1 to 16 are allowed"),
        (json!({ "parallel": 17 }), "parallel: is 17"),
        (json!({ "context_tokens": 255 }), "context_tokens: is 255; 256 to 131072"),
        (json!({ "task": "embedding", "parallel": 2 }), "parallel: is allowed with the task"),
        (
            json!({ "model": { "digest": format!("sha256:{}", "0b".repeat(32)), "sources": [] } }),
            "model/sources: has 0 sources",
        ),
    ] {
        let error = read_definition(&served(fields)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("/ops/0/args/{expected}")), "{error}");
    }
}
