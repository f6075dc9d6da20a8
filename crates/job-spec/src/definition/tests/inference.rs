//! `inference/run`.

use super::*;

/// A model with these sources.
fn sourced_model(sources: Value) -> Value {
    json!({ "digest": format!("sha256:{}", "0b".repeat(32)), "sources": sources })
}

#[test]
fn a_model_with_sources_is_read_and_written() {
    let sources = ["hf://org/repo/file.gguf", "https://example.org/file.gguf"];
    let json = with_field("/ops/0/args/model", sourced_model(json!(sources)));
    let definition = read_definition(&json).unwrap();
    assert_eq!(serde_json::to_value(&definition).unwrap(), json);

    let model = &definition.ops[0].inference_args().unwrap().model;
    assert_eq!(model.sources(), sources);
    assert_eq!(model.digest().to_string(), format!("sha256:{}", "0b".repeat(32)));
    let known = read_definition(&example()).unwrap();
    assert!(known.ops[0].inference_args().unwrap().model.sources().is_empty());
}

#[test]
fn errors_point_at_the_source() {
    let long = format!("https://example.org/{}", "x".repeat(2048));
    for (sources, expected) in [
        (json!([]), "/sources: has 0 sources; 1 to 4 are allowed"),
        (json!(vec!["https://a.org/b"; 5]), "/sources: has 5 sources"),
        (json!(["https://a.org/b", "ftp://a.org/b"]), "/sources/1: `ftp://a.org/b` is not a valid"),
        (json!(["https://me@a.org/b"]), "/sources/0: `https://me@a.org/b` is not a valid"),
        (json!([long]), "/sources/0: has 2068 bytes; at most 2048 are allowed"),
    ] {
        let json = with_field("/ops/0/args/model", sourced_model(sources));
        let error = read_definition(&json).unwrap_err().to_string();
        assert!(error.starts_with(&format!("/ops/0/args/model{expected}")), "{error}");
    }
}

#[test]
fn other_forms_of_a_model_are_refused() {
    let digest = format!("sha256:{}", "0b".repeat(32));
    for (model, expected) in [
        (json!(7), "a model's digest, or an object with `digest` and `sources`"),
        (json!("sha256:0b"), "is not a valid model digest"),
        (json!({ "digest": digest }), "missing field `sources`"),
        (json!({ "digest": "md5:0", "sources": ["https://a.org/b"] }), "not a valid model digest"),
        (json!({ "digest": digest, "sources": ["https://a.org/b"], "size": 1 }), "unknown field"),
    ] {
        let error = read_definition(&with_field("/ops/0/args/model", model)).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

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
fn fields_of_the_other_task_are_refused() {
    let cases = [
        ("generation", "truncate", json!(true), "`embedding`"),
        ("embedding", "system", json!("Be brief."), "`generation`"),
        ("embedding", "sampling", json!({}), "`generation`"),
        ("embedding", "stop", json!(["\n"]), "`generation`"),
    ];

    for (task, field, value, other) in cases {
        let mut json = with_field("/ops/0/args/task", json!(task));
        json["ops"][0]["args"][field] = value;

        let error = read_definition(&json).unwrap_err().to_string();
        let expected = format!("/ops/0/args/{field}: is allowed with the task {other} only");
        assert_eq!(error, expected);
    }
}

#[test]
fn the_settings_of_generation_have_ranges() {
    let cases = [
        ("system", json!(" "), "/system: is blank"),
        ("stop", json!([""]), "/stop/0: is empty"),
        ("stop", json!(["x".repeat(65)]), "/stop/0: has 65 bytes; at most 64"),
        ("stop", json!(vec!["x"; 9]), "/stop: has 9 texts; at most 8"),
        ("sampling", json!({ "temperature": 2.5 }), "/sampling/temperature: is 2.5; 0 to 2"),
        ("sampling", json!({ "temperature": -1 }), "/sampling/temperature: is -1"),
        ("sampling", json!({ "top_p": 1.5 }), "/sampling/top_p: is 1.5; 0 to 1"),
        ("sampling", json!({ "min_p": -0.5 }), "/sampling/min_p: is -0.5"),
        ("sampling", json!({ "repeat_penalty": 0.5 }), "/sampling/repeat_penalty: is 0.5; 1 to 2"),
        ("sampling", json!({ "top_k": 0 }), "/sampling/top_k: is 0"),
    ];

    for (field, value, expected) in cases {
        let mut json = with_field("/ops/0/args/task", json!("generation"));
        json["ops"][0]["args"][field] = value;

        let error = read_definition(&json).unwrap_err().to_string();
        assert!(error.starts_with(&format!("/ops/0/args{expected}")), "{error}");
    }

    let mut json = with_field("/ops/0/args/task", json!("generation"));
    json["ops"][0]["args"]["system"] = json!("Be brief.");
    json["ops"][0]["args"]["stop"] = json!(["\n\n"]);
    json["ops"][0]["args"]["sampling"] = json!({ "temperature": 0.75, "top_p": 0.5, "seed": 7 });
    assert_eq!(serde_json::to_value(read_definition(&json).unwrap()).unwrap(), json);
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

/// An operation that answers this input.
fn answering(input: Value) -> Value {
    let mut json = with_field("/ops/0/args/task", json!("generation"));
    json["ops"][0]["args"]["inputs"] = json!(["one", input]);
    json
}

#[test]
fn a_conversation_is_read_and_written() {
    let json = answering(json!([
        { "role": "system", "content": "Be brief." },
        { "role": "user", "content": "Hello" },
        { "role": "assistant", "content": "Hello." },
        { "role": "user", "content": "Bye" },
    ]));
    let definition = read_definition(&json).unwrap();
    assert_eq!(serde_json::to_value(&definition).unwrap(), json);

    let input = &definition.ops[0].inference_args().unwrap().inputs[1];
    assert_eq!((input.text_bytes(), input.message_count(), input.summary()), (23, 4, "Bye"));
}

#[test]
fn errors_point_at_the_message() {
    let message = |role: &str, content: &str| json!({ "role": role, "content": content });
    for (messages, expected) in [
        (json!([]), ": has no messages"),
        (json!([message("assistant", "Hello")]), ": does not end with a message of the user"),
        (json!([message("user", " "), message("user", "Bye")]), "/0/content: is blank"),
        (json!([message("user", "Hi"), message("system", "Bye")]), "/1/role: is `system`"),
        (json!(vec![message("user", "Hi"); 65]), ": has 65 messages"),
        (json!([message("user", &"x".repeat(4097))]), ": has 4097 bytes; at most 4096"),
    ] {
        let error = read_definition(&answering(messages)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("/ops/0/args/inputs/1{expected}")), "{error}");
    }

    let mut twice = answering(json!([message("system", "a"), message("user", "b")]));
    twice["ops"][0]["args"]["system"] = json!("c");
    let error = read_definition(&twice).unwrap_err().to_string();
    assert!(error.starts_with("/ops/0/args/inputs/1/0/role: is `system`"), "{error}");

    let embedding = with_field("/ops/0/args/inputs/1", json!([message("user", "Hi")]));
    let error = read_definition(&embedding).unwrap_err().to_string();
    assert!(error.contains("the task `embedding` reads texts"), "{error}");
}

#[test]
fn formats_and_logprobs_have_bounds() {
    let with = |field: &str, value: Value| {
        let mut json = answering(json!("two"));
        json["ops"][0]["args"][field] = value;
        json
    };
    let schema = json!({ "json_schema": { "type": "integer" } });
    for accepted in [
        with("format", schema.clone()),
        with("format", json!({ "grammar": "start: \"a\"" })),
        with("logprobs", json!(0)),
        with("logprobs", json!(20)),
    ] {
        let definition = read_definition(&accepted).unwrap();
        assert_eq!(serde_json::to_value(&definition).unwrap(), accepted);
    }

    let long = "x".repeat(16 * 1024 + 1);
    for (field, value, expected) in [
        ("format", json!({ "json_schema": "integer" }), "format/json_schema: is not a JSON schema"),
        ("format", json!({ "grammar": " " }), "format/grammar: is blank"),
        ("format", json!({ "grammar": long }), "format/grammar: has 16385 bytes"),
        ("logprobs", json!(21), "logprobs: is 21; 0 to 20 are allowed"),
    ] {
        let error = read_definition(&with(field, value)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("/ops/0/args/{expected}")), "{error}");
    }

    for (field, value) in [("format", schema), ("logprobs", json!(3))] {
        let mut embedding = example();
        embedding["ops"][0]["args"][field] = value;
        let error = read_definition(&embedding).unwrap_err().to_string();
        assert!(error.contains("is allowed with the task `generation` only"), "{error}");
    }
}
