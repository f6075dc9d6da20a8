//! The published files are up to date, and schema and reader agree wherever a schema can express
//! the rule.

mod templates;

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::*;
use crate::{
    ContentId, JobDefinition, JobResult,
    definition::tests::{command::command, example},
};

/// The folder of the published schemas.
fn schema_folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema"))
}

fn find_problems(document: Document, value: &Value) -> Vec<String> {
    document.problems(value).iter().map(Problem::to_string).collect()
}

fn is_read(value: &Value) -> bool {
    JobDefinition::from_json(value.to_string().as_bytes()).is_ok()
}

/// `value` with the field at `pointer` replaced, or added to an object.
fn with_field(mut value: Value, pointer: &str, field: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = field,
        parent => parent[name] = field,
    }
    value
}

/// Set `NOSANA_UPDATE_SCHEMAS=1` to regenerate the files.
#[test]
fn the_published_schemas_are_those_of_the_code() {
    for document in Document::ALL {
        let path = schema_folder().join(document.file_name());
        if std::env::var_os("NOSANA_UPDATE_SCHEMAS").is_some() {
            fs::write(&path, document.schema_text()).unwrap();
        }
        let published = fs::read_to_string(&path).unwrap_or_default();
        let hint = "run the tests of nosana-job-spec with NOSANA_UPDATE_SCHEMAS=1 and commit";
        assert!(published == document.schema_text(), "{} is out of date: {hint}", path.display());
    }
}

#[test]
fn what_is_read_is_valid() {
    let mut definitions = vec![example(), command()];
    for entry in fs::read_dir(schema_folder().join("examples")).unwrap() {
        definitions
            .push(serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap());
    }
    assert!(definitions.len() > 3, "there are published examples");

    for (pointer, value) in [
        ("/ops/0/args/inputs/1/path", json!("a/...b/.c/..d")),
        ("/ops/0/args/inputs/0/path", json!("ä b/c")),
        ("/ops/0/args/working_directory", json!(null)),
        ("/ops/0/args/steps/0/run", json!(["", "b"].map(|argument| format!("a{argument}")))),
        ("/ops/0/args/steps/0/run", json!(["a", ""])),
        ("/ops/0/args/steps/0/shell", json!("bash")),
        ("/ops/0/args/steps/0/shell", json!(null)),
        ("/ops/0/args/env", json!({ "_a9": "" })),
        ("/ops/0/args/limits", json!({})),
        ("/ops/0/args/limits/cpus", json!(null)),
        ("/ops/0/id", json!("A-z_9".repeat(12))),
    ] {
        definitions.push(with_field(command(), pointer, value));
    }

    for value in definitions {
        let document = Document::of(&value).unwrap();
        assert!(is_read(&value), "{value}");
        assert_eq!(find_problems(document, &value), [""; 0], "{value}");
    }
}

#[test]
fn every_type_of_operation_has_an_example() {
    let mut examples = String::new();
    for entry in fs::read_dir(schema_folder().join("examples")).unwrap() {
        examples += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }

    let schema = Document::Definition.schema();
    let types = schema.pointer("/$defs/Operation/properties/type/enum").unwrap();
    let types = types.as_array().unwrap().iter().filter_map(Value::as_str);
    for name in types.clone() {
        assert!(examples.contains(name), "add an example of `{name}` to docs/schema/examples");
    }
    assert!(types.count() > 2, "the schema lists the types");
}

#[test]
fn what_is_refused_is_invalid_and_the_field_is_named() {
    let embedding = [
        ("/version", json!("nosana/2"), "/version"),
        ("/ops", json!([]), "/ops"),
        ("/ops", json!(vec![example()["ops"][0].clone(); 17]), "/ops"),
        ("/gpu", json!(1), "/gpu"),
        ("/ops/0/id", json!(""), "/ops/0/id"),
        ("/ops/0/id", json!("a b"), "/ops/0/id"),
        ("/ops/0/id", json!("a".repeat(65)), "/ops/0/id"),
        ("/ops/0/type", json!("inference/walk"), "/ops/0/type"),
        ("/ops/0/gpu", json!(1), "/ops/0/gpu"),
        ("/ops/0/args", json!({ "task": "embedding", "inputs": ["a"] }), "/ops/0/args/model"),
        ("/ops/0/args/gpu", json!(1), "/ops/0/args/gpu"),
        ("/ops/0/args/model", json!("all-MiniLM-L6-v2"), "/ops/0/args/model"),
        (
            "/ops/0/args/model",
            json!({ "digest": "sha256:0", "sources": ["https://a.org/b"] }),
            "/ops/0/args/model/digest",
        ),
        (
            "/ops/0/args/model",
            json!({ "digest": format!("sha256:{}", "0a".repeat(32)), "sources": ["ftp://a/b"] }),
            "/ops/0/args/model/sources/0",
        ),
        ("/ops/0/args/task", json!("poetry"), "/ops/0/args/task"),
        ("/ops/0/args/inputs", json!([]), "/ops/0/args/inputs"),
        ("/ops/0/args/inputs", json!(vec!["x"; 65]), "/ops/0/args/inputs"),
        ("/ops/0/args/inputs/1", json!(" \n"), "/ops/0/args/inputs/1"),
        ("/ops/0/args/inputs/1", json!("x".repeat(8193)), "/ops/0/args/inputs/1"),
    ];
    let commands = [
        ("/steps", json!([]), "/steps"),
        ("/steps/0/name", json!(" "), "/steps/0/name"),
        ("/steps/0/name", json!("a\nb"), "/steps/0/name"),
        ("/steps/0/run", json!(" "), "/steps/0/run"),
        ("/steps/0/run", json!(7), "/steps/0/run"),
        ("/steps/0/run", json!([]), "/steps/0/run"),
        ("/steps/0/run", json!(["", "a"]), "/steps/0/run/0"),
        ("/steps/0/run", json!("a\0b"), "/steps/0/run"),
        ("/steps/0/run", json!(["a", "\0"]), "/steps/0/run/1"),
        ("/steps/0/run", json!("x".repeat(40_000)), "/steps/0/run"),
        ("/steps/0/shell", json!("zsh"), "/steps/0/shell"),
        ("/steps/0/shell", json!(["bash"]), "/steps/0/shell"),
        ("/steps/1/timeout_seconds", json!(0), "/steps/1/timeout_seconds"),
        ("/steps/1/timeout_seconds", json!(1.5), "/steps/1/timeout_seconds"),
        ("/env", json!({ "1A": "" }), "/env/1A"),
        ("/env", json!({ "a/b": "" }), "/env/a~1b"),
        ("/env", json!({ "A": "\0" }), "/env/A"),
        ("/env", json!({ "A": "x".repeat(33_000) }), "/env/A"),
        ("/working_directory", json!("../up"), "/working_directory"),
        ("/inputs/0/path", json!("/etc"), "/inputs/0/path"),
        ("/inputs/0/path", json!("a/../b"), "/inputs/0/path"),
        ("/inputs/0/path", json!("a/./b"), "/inputs/0/path"),
        ("/inputs/0/path", json!("a//b"), "/inputs/0/path"),
        ("/inputs/0/path", json!("a\nb"), "/inputs/0/path"),
        ("/inputs/0/path", json!(""), "/inputs/0/path"),
        ("/inputs/0/content", json!("Qm"), "/inputs/0/content"),
        ("/artifacts/0", json!("../*"), "/artifacts/0"),
        ("/artifacts/0", json!("."), "/artifacts/0"),
        ("/artifacts", json!(vec!["a"; 65]), "/artifacts"),
        ("/limits/memory_mib", json!(1), "/limits/memory_mib"),
        ("/limits", json!({ "processes": 40_000 }), "/limits/processes"),
        ("/limits/patience", json!(1), "/limits/patience"),
        ("/network", json!("yes"), "/network"),
    ]
    .map(|(pointer, value, at)| {
        (format!("/ops/0/args{pointer}"), value, format!("/ops/0/args{at}"))
    });
    let commands =
        commands.iter().map(|(p, value, at)| (command(), p.as_str(), value.clone(), at.as_str()));
    let embedding = embedding.into_iter().map(|(p, value, at)| (example(), p, value, at));

    for (base, pointer, value, at) in embedding.chain(commands) {
        let broken = with_field(base, pointer, value);
        assert!(!is_read(&broken), "{broken}");
        let found = Document::Definition.problems(&broken);
        assert_eq!(
            found.iter().map(|it| it.pointer.as_str()).collect::<Vec<_>>(),
            [at],
            "{pointer}: {found:?}"
        );
    }
}

#[test]
fn all_problems_are_found_at_once() {
    let mut broken = with_field(command(), "/ops/0/args/limits/cpus", json!(0));
    broken["ops"][0]["args"]["steps"][0]["retries"] = json!(2);
    broken["ops"][0]["id"] = json!("");
    let found = find_problems(Document::Definition, &broken);
    let expected = [
        "/ops/0/args/limits/cpus: ",
        "/ops/0/args/steps/0/retries: is not a known field",
        "/ops/0/id: ",
    ];
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected)),
        "{found:?}"
    );
}

#[test]
fn results_are_valid_if_they_are_consistent() {
    let id = ContentId::from_digest([3; 32]).to_string();
    let ok = json!({
        "id": "a",
        "status": "ok",
        "started_unix_ms": 1,
        "ended_unix_ms": 2,
        "output": id,
        "error": null,
    });
    let failed = json!({
        "id": "a",
        "status": "failed",
        "started_unix_ms": 1,
        "ended_unix_ms": 2,
        "output": null,
        "error": "no memory",
    });
    let result = json!({
        "version": "nosana-result/1",
        "definition": id,
        "ops": [ok, failed],
        "engine": { "device": "a CPU", "backend": "cpu" },
    });
    assert!(serde_json::from_value::<JobResult>(result.clone()).is_ok());
    assert_eq!(find_problems(Document::Result, &result), [""; 0]);

    for (pointer, value) in [
        ("/version", json!("nosana-result/2")),
        ("/definition", json!("Qm")),
        ("/ops", json!([])),
        ("/ops/0/output", json!(null)),
        ("/ops/0/error", json!("but")),
        ("/ops/0/status", json!("failed")),
        ("/ops/0/status", json!("skipped")),
        ("/ops/1/error", json!("")),
        ("/ops/1/output", json!(id)),
        ("/ops/0/started_unix_ms", json!(-1)),
        ("/engine/gpu", json!("fast")),
    ] {
        let broken = with_field(result.clone(), pointer, value);
        assert_ne!(find_problems(Document::Result, &broken), [""; 0], "{broken}");
    }
}

#[test]
fn containers_are_refused_where_they_are_read() {
    let container = json!({ "id": "c", "type": "container/run", "args": { "image": "debian" } });
    let base = json!({ "version": "nosana/1", "ops": [container] });
    assert!(is_read(&base) && find_problems(Document::Definition, &base).is_empty());

    for (pointer, value, at) in [
        ("/ops/0/args/image", json!("--privileged"), "/ops/0/args/image"),
        ("/ops/0/args/image", json!("dir:/etc"), "/ops/0/args/image"),
        ("/ops/0/args/image", json!("docker-archive:/root/image.tar"), "/ops/0/args/image"),
        ("/ops/0/args/image", json!("docker://debian"), "/ops/0/args/image"),
        ("/ops/0/args/image", json!("../image"), "/ops/0/args/image"),
        ("/ops/0/args/expose", json!(0), "/ops/0/args/expose"),
        ("/ops/0/args/expose", json!("80"), "/ops/0/args/expose"),
        ("/ops/0/args/expose", json!(vec![80; 17]), "/ops/0/args/expose"),
        ("/ops/0/args/expose", json!([80, { "port": 70_000 }]), "/ops/0/args/expose/1/port"),
        (
            "/ops/0/args/expose",
            json!([{ "port": 80, "health_checks": [{ "type": "http", "path": "http://a/" }] }]),
            "/ops/0/args/expose/0/health_checks/0/path",
        ),
        ("/ops/0/args/entrypoint", json!([""]), "/ops/0/args/entrypoint/0"),
        ("/ops/0/args/work_dir", json!("tmp"), "/ops/0/args/work_dir"),
        ("/ops/0/args/output", json!("/a/.."), "/ops/0/args/output"),
        (
            "/ops/0/args/volumes",
            json!([{ "name": "a b", "dest": "/a" }]),
            "/ops/0/args/volumes/0/name",
        ),
        (
            "/ops/0/args/volumes",
            json!([{ "name": "a", "dest": "/a,b" }]),
            "/ops/0/args/volumes/0/dest",
        ),
        ("/ops/0/results", json!({ "a b": "c" }), "/ops/0/results/a b"),
        ("/ops/0/results", json!({ "a": { "regex": "c", "logType": [] } }), "/ops/0/results/a"),
        ("/ops/0/execution", json!({ "group": "a", "restart": true }), "/ops/0/execution/restart"),
    ] {
        let broken = with_field(base.clone(), pointer, value);
        assert!(!is_read(&broken), "{broken}");
        let found = Document::Definition.problems(&broken);
        assert_eq!(
            found.iter().map(|it| it.pointer.as_str()).collect::<Vec<_>>(),
            [at],
            "{found:?}"
        );
    }
    let digest = format!("debian@sha256:{}", "0a".repeat(32));
    for image in
        ["debian", "registry.example:5000/a/b-c_d:v1.2", "docker.io/library/debian:13", &digest]
    {
        let value = with_field(base.clone(), "/ops/0/args/image", json!(image));
        assert!(
            is_read(&value) && find_problems(Document::Definition, &value).is_empty(),
            "{image}"
        );
    }
    for path in ["/", "/a/./b", "/.a/..b/...", "/ä b//c/"] {
        let value = with_field(base.clone(), "/ops/0/args/work_dir", json!(path));
        assert!(
            is_read(&value) && find_problems(Document::Definition, &value).is_empty(),
            "{path}"
        );
    }
}
