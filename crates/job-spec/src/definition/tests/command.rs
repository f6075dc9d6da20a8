//! `command/run`.

use super::*;

pub(crate) fn command() -> Value {
    let content = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";
    let args = json!({
        "steps": [
            { "name": "build", "run": "make" },
            { "name": "test", "run": ["./test", "--all"], "timeout_seconds": 60 }
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
    json!({ "version": "nosana/1", "ops": [{ "id": "ci", "type": "command/run", "args": args }] })
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut json = command();
    *json.pointer_mut(&format!("/ops/0/args{pointer}")).unwrap() = value;
    json
}

#[test]
fn the_documented_shape_is_read_and_written() {
    let definition = parse(&command()).unwrap();
    assert_eq!(serde_json::to_value(&definition).unwrap(), command());
    let Operation::CommandRun { id, args } = &definition.ops[0] else { panic!("{definition:?}") };
    assert_eq!(id, "ci");
    assert_eq!(args.steps[0].run.argv(), ["/bin/sh", "-eu", "-c", "make"]);
    assert_eq!(args.steps[1].run.argv(), ["./test", "--all"]);
    assert_eq!((args.limits.timeout_seconds(), args.limits.memory_bytes()), (120, 512 << 20));
    assert_eq!(
        (args.limits.cpus(), args.limits.processes(), args.limits.output_bytes()),
        (2, 512, 4 << 20)
    );
}

#[test]
fn what_is_not_given_is_not_written() {
    let json = json!({ "steps": [{ "name": "one", "run": "true" }] });
    let definition = json!({ "version": "nosana/1", "ops": [{ "id": "ci", "type": "command/run", "args": json }] });
    assert_eq!(serde_json::to_value(parse(&definition).unwrap()).unwrap(), definition);
}

#[test]
fn errors_point_at_the_field() {
    let step = json!({ "name": "build", "run": "make" });
    let file = json!({ "path": "a", "content": "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o" });
    let cases = [
        ("/steps", json!([]), "/steps: has 0 steps; 1 to 64 are allowed"),
        ("/steps", json!([step, step]), "/steps/1/name: `build` names an earlier step"),
        ("/steps/0/name", json!(""), "/steps/0/name: must be 1 to 128 bytes"),
        ("/steps/0/run", json!(" "), "/steps/0/run: is blank"),
        ("/steps/0/run", json!([]), "/steps/0/run: is blank"),
        ("/steps/0/run", json!("a\0b"), "/steps/0/run: has a NUL character"),
        ("/steps/0/run", json!("x".repeat(40_000)), "/steps/0/run: has 40012 bytes; at most 32768"),
        (
            "/steps/1/timeout_seconds",
            json!(0),
            "/steps/1/timeout_seconds: is 0; 1 to 86400 are allowed",
        ),
        ("/env", json!({ "1A": "" }), "/env/1A: must be named by"),
        ("/env", json!({ "a/b": "" }), "/env/a~1b: must be named by"),
        ("/env", json!({ "A": "x".repeat(33_000) }), "/env/A: must have at most 32768 bytes"),
        ("/working_directory", json!("../up"), "/working_directory: must be a path like `a/b`"),
        ("/inputs/0/path", json!("/etc"), "/inputs/0/path: must be a path like"),
        ("/inputs/1/path", json!("."), "/inputs/1/path: must be a path like"),
        ("/inputs/1/path", json!("a/../b"), "/inputs/1/path: must be a path like"),
        ("/inputs", json!([file, file]), "/inputs/1/path: an earlier input is put to `a`, too"),
        ("/artifacts/0", json!("../*"), "/artifacts/0: must be a path like"),
        ("/artifacts/0", json!("[a"), "/artifacts/0: is not a pattern"),
        ("/artifacts", json!(vec!["a"; 65]), "/artifacts: has 65 patterns; at most 64"),
        ("/limits/memory_mib", json!(1), "/limits/memory_mib: is 1; 16 to 1048576 are allowed"),
        ("/limits", json!({ "processes": 40_000 }), "/limits/processes: is 40000"),
    ];
    for (pointer, value, expected) in cases {
        let error = parse(&changed(pointer, value)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("/ops/0/args{expected}")), "{error}");
    }
}

#[test]
fn unknown_fields_are_refused() {
    for object in ["", "/steps/0", "/inputs/0", "/limits"] {
        let mut json = command();
        let object = json.pointer_mut(&format!("/ops/0/args{object}")).unwrap();
        object.as_object_mut().unwrap().insert("allow_failure".into(), json!(true));
        assert!(matches!(parse(&json), Err(DefinitionError::Malformed(_))));
    }
    assert!(parse(&changed("/inputs/0/content", json!("Qm"))).is_err());
}
