//! `inference/run`.

use super::*;

#[test]
fn errors_point_at_the_field() {
    let cases = [
        ("/inputs", json!([]), "/inputs: has 0 inputs; 1 to 64 are allowed"),
        ("/inputs", json!(vec!["x"; 65]), "/inputs: has 65 inputs"),
        ("/inputs/1", json!(" \n"), "/inputs/1: is blank"),
        ("/inputs/1", json!("ä".repeat(4097)), "/inputs/1: has 8194 bytes; at most 8192"),
    ];

    for (pointer, value, expected) in cases {
        let json = with_field(&format!("/ops/0/args{pointer}"), value);
        let error = read_definition(&json).unwrap_err().to_string();
        assert!(error.starts_with(&format!("/ops/0/args{expected}")), "{error}");
    }

    for accepted in [
        with_field("/ops/0/args/inputs/1", json!("ä".repeat(4096))),
        with_field("/ops/0/args/inputs", json!(vec!["x"; 64])),
    ] {
        read_definition(&accepted).unwrap();
    }
}

#[test]
fn answers_have_at_most_512_tokens_and_embeddings_none() {
    for (task, count, expected) in [
        (
            "embedding",
            5,
            Some("/ops/0/args/max_tokens: is allowed with the task `generation` only"),
        ),
        ("generation", 0, Some("/ops/0/args/max_tokens: is 0; 1 to 512 are allowed")),
        ("generation", 513, Some("/ops/0/args/max_tokens: is 513")),
        ("generation", 512, None),
    ] {
        let mut json = with_field("/ops/0/args/task", json!(task));
        json["ops"][0]["args"]["max_tokens"] = json!(count);

        let error = read_definition(&json).err().map(|error| error.to_string());
        match (&error, expected) {
            (None, None) => {}
            (Some(error), Some(expected)) if error.starts_with(expected) => {}
            _ => panic!("{task} {count}: {error:?}"),
        }
    }
}

#[test]
fn prompts_are_shorter_than_other_inputs() {
    let mut json = with_field("/ops/0/args/inputs/1", json!("x".repeat(4097)));
    assert!(read_definition(&json).is_ok());

    json["ops"][0]["args"]["task"] = json!("generation");
    let error = read_definition(&json).unwrap_err().to_string();
    assert!(error.ends_with("has 4097 bytes; at most 4096 are allowed"), "{error}");
}

#[test]
fn the_operation_ends_by_itself_and_keeps_no_files() {
    let operation = read_operation(&example());
    let Operation::InferenceRun { args, .. } = &operation else { panic!("{operation:?}") };

    assert_eq!(operation.id(), "embed");
    assert!(operation.ends_by_itself());
    assert_eq!(operation.step_names(), None);
    assert_eq!(operation.expected_artifacts(), ExpectedArtifacts::default());
    assert_eq!(operation.sandbox_limits(), None);
    assert_eq!(operation.execution(), None);
    assert_eq!(operation.inference_args(), Some(args));
}
