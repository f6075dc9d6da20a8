//! `command/run`.

use super::*;
use crate::{Document, Problem};

/// A definition with `command/run`.
pub(crate) fn command() -> Value {
    let content = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";
    let args = json!({
        "steps": [
            { "name": "build", "run": "make" },
            { "name": "test", "run": ["./test", "--all"], "timeout_seconds": 60 },
            { "name": "pack", "run": "make dist", "shell": "sh" }
        ],
        "env": { "CI": "true" },
        "working_directory": "src",
        "inputs": [
            { "path": ".", "content": content, "unpack": true },
            { "path": "a/b.txt", "content": content }
        ],
        "artifacts": ["target/**/*.xml"],
        "network": true,
        "limits": { "timeout_seconds": 120, "memory_mib": 512 }
    });
    definition(json!({ "id": "ci", "type": "command/run", "args": args }))
}

fn with_arg(pointer: &str, value: Value) -> Value {
    let mut json = command();
    let pointer = format!("/ops/0/args{pointer}");
    match json.pointer_mut(&pointer) {
        Some(field) => *field = value,
        // A field that the example omits.
        None => {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            json.pointer_mut(parent).unwrap()[name] = value;
        }
    }
    json
}

#[test]
fn the_documented_shape_is_read_and_written() {
    let definition = read_definition(&command()).unwrap();
    assert_eq!(serde_json::to_value(&definition).unwrap(), command());

    let Operation::CommandRun { id, args } = &definition.ops[0] else { panic!("{definition:?}") };
    assert_eq!(id, "ci");
    assert_eq!(args.steps[0].argv().last().unwrap(), "make");
    assert_eq!(args.steps[1].argv(), ["./test", "--all"]);
    assert_eq!(args.steps[2].argv(), ["/bin/sh", "-e", "-c", "make dist"]);

    assert_eq!(args.limits.timeout_seconds(), 120);
    assert_eq!(args.limits.memory_bytes(), 512 << 20);
    assert_eq!(args.limits.cpus(), 2);
    assert_eq!(args.limits.processes(), 512);
    assert_eq!(args.limits.output_bytes(), 4 << 20);
}

#[test]
fn what_is_not_given_is_not_written() {
    let args = json!({ "steps": [{ "name": "one", "run": "true" }] });
    let json = definition(json!({ "id": "ci", "type": "command/run", "args": args }));
    assert_eq!(serde_json::to_value(read_definition(&json).unwrap()).unwrap(), json);
}

#[test]
fn errors_point_at_the_field() {
    let step = json!({ "name": "build", "run": "make" });
    let file = json!({ "path": "a", "content": "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o" });
    let cases = [
        ("/steps", json!([]), "/steps: has 0 steps; 1 to 64 are allowed"),
        (
            "/steps",
            json!([step, step]),
            "/steps/1/name: `build` is already the name of an earlier step",
        ),
        ("/steps/0/name", json!(""), "/steps/0/name: must be 1 to 128 bytes"),
        ("/steps/0/run", json!(" "), "/steps/0/run: is blank"),
        ("/steps/0/run", json!([]), "/steps/0/run: is blank"),
        ("/steps/0/run", json!("a\0b"), "/steps/0/run: has a NUL character"),
        ("/steps/0/run", json!("x".repeat(40_000)), "/steps/0/run: has 40000 bytes; at most 32768"),
        ("/steps/1/shell", json!("bash"), "/steps/1/shell: is for a line, and `run` is a list"),
        (
            "/steps/1/timeout_seconds",
            json!(0),
            "/steps/1/timeout_seconds: is 0; 1 to 86400 are allowed",
        ),
        ("/env", json!({ "1A": "" }), "/env/1A: must have a name of"),
        ("/env", json!({ "a/b": "" }), "/env/a~1b: must have a name of"),
        ("/env", json!({ "A": "x".repeat(33_000) }), "/env/A: must have at most 32768 bytes"),
        ("/working_directory", json!("../up"), "/working_directory: must be a path like `a/b`"),
        ("/inputs/0/path", json!("/etc"), "/inputs/0/path: must be a path like"),
        ("/inputs/1/path", json!("."), "/inputs/1/path: must be a path like"),
        ("/inputs/1/path", json!("a/../b"), "/inputs/1/path: must be a path like"),
        (
            "/inputs",
            json!([file, file]),
            "/inputs/1/path: `a` is already the path of an earlier input",
        ),
        ("/artifacts/0", json!("../*"), "/artifacts/0: must be a path like"),
        ("/artifacts/0", json!("[a"), "/artifacts/0: is not a valid pattern"),
        ("/artifacts", json!(vec!["a"; 65]), "/artifacts: has 65 patterns; at most 64"),
        ("/limits/memory_mib", json!(1), "/limits/memory_mib: is 1; 16 to 1048576 are allowed"),
        ("/limits", json!({ "processes": 40_000 }), "/limits/processes: is 40000"),
    ];
    for (pointer, value, expected) in cases {
        let error = read_definition(&with_arg(pointer, value)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("/ops/0/args{expected}")), "{error}");
    }
}

#[test]
fn unknown_fields_are_refused() {
    for object in ["", "/steps/0", "/inputs/0", "/limits"] {
        let mut json = command();
        let object = json.pointer_mut(&format!("/ops/0/args{object}")).unwrap();
        object.as_object_mut().unwrap().insert("allow_failure".into(), json!(true));
        assert!(matches!(read_definition(&json), Err(DefinitionError::Malformed(_))));
    }
    assert!(read_definition(&with_arg("/inputs/0/content", json!("Qm"))).is_err());
}

/// The example with its patterns under `artefacts`, the spelling of earlier releases.
fn with_alias() -> Value {
    let mut json = command();
    let args = json["ops"][0]["args"].as_object_mut().unwrap();
    let patterns = args.remove("artifacts").unwrap();
    args.insert("artefacts".into(), patterns);
    json
}

#[test]
fn either_spelling_of_artifacts_is_read_and_one_is_written() {
    assert_ne!(with_alias(), command());

    for json in [with_alias(), command()] {
        assert_eq!(Document::Definition.problems(&json), []);
        let definition = read_definition(&json).unwrap();
        assert_eq!(serde_json::to_value(definition).unwrap(), command());
    }
}

#[test]
fn both_spellings_of_artifacts_at_once_are_refused() {
    let mut json = command();
    json["ops"][0]["args"]["artefacts"] = json!(["target/other.xml"]);

    let error = read_definition(&json).unwrap_err().to_string();
    assert!(error.contains("duplicate field `artifacts`"), "{error}");

    let [problem] = <[Problem; 1]>::try_from(Document::Definition.problems(&json)).unwrap();
    assert_eq!(problem.pointer, "/ops/0/args");
    assert_eq!(problem.problem, "has two fields that exclude each other");
}

#[test]
fn the_earlier_spelling_of_artifacts_is_validated() {
    let mut json = with_alias();
    json["ops"][0]["args"]["artefacts"] = json!(["../*"]);

    let error = read_definition(&json).unwrap_err().to_string();
    assert!(error.starts_with("/ops/0/args/artifacts/0: must be a path"), "{error}");

    let [problem] = <[Problem; 1]>::try_from(Document::Definition.problems(&json)).unwrap();
    assert_eq!(problem.pointer, "/ops/0/args/artefacts/0");
}

#[test]
fn the_operation_has_steps_artifacts_and_sandbox_limits() {
    let operation = read_operation(&command());
    let Operation::CommandRun { args, .. } = &operation else { panic!("{operation:?}") };

    assert_eq!(operation.id(), "ci");
    assert!(!operation.ends_by_itself());
    assert_eq!(operation.step_names(), Some(vec!["build", "test", "pack"]));
    assert_eq!(operation.sandbox_limits(), Some(&args.limits));
    assert_eq!(operation.execution(), None);
    assert_eq!(operation.inference_args(), None);

    let expected =
        ExpectedArtifacts { patterns: vec!["target/**/*.xml".into()], max_bytes: 4096 << 20 };
    assert_eq!(operation.expected_artifacts(), expected);

    let limited = read_operation(&with_arg("/limits", json!({ "disk_mib": 5 })));
    assert_eq!(limited.expected_artifacts().max_bytes, 5 << 20);
}

#[test]
fn a_command_exposes_ports_of_its_own_network_only() {
    let error = read_definition(&with_arg("/expose", json!(8080))).unwrap_err().to_string();
    assert!(error.starts_with("/ops/0/args/expose: cannot be combined with `network`"), "{error}");

    let mut json = with_arg("/network", json!(false));
    json["ops"][0]["args"].as_object_mut().unwrap().remove("network");
    json["ops"][0]["args"]["expose"] = json!([{ "port": 8080, "name": "web" }]);
    let operation = read_operation(&json);
    assert_eq!(serde_json::to_value(&operation).unwrap(), json["ops"][0]);
    assert_eq!(operation.exposed_ports()[0].port, 8080);

    for (exposed, words) in [
        (json!("8080"), "a port, or a list of ports"),
        (json!(70_000), "u16"),
        (json!((1..=17).collect::<Vec<u16>>()), "has 17 ports; at most 16 are allowed"),
        (json!([{ "port": 1, "health_checks": [{ "type": "exec" }] }]), "unknown variant `exec`"),
        (
            json!([{ "port": 1, "health_checks": [{ "type": "http", "path": "/a b" }] }]),
            "must begin with `/`",
        ),
    ] {
        json["ops"][0]["args"]["expose"] = exposed;
        let error = read_definition(&json).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
