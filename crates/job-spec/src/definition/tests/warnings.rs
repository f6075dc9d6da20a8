//! What is valid and probably not meant.

use super::*;
use crate::{Document, read_definition_json};

/// The warnings about a definition in the published schema with this operation.
fn warnings(args: Value) -> Vec<String> {
    let definition = json!({
        "version": "0.1",
        "type": "container",
        "ops": [{ "type": "container/run", "id": "a", "args": args }],
    });
    assert!(read_definition(&definition).is_ok(), "{definition}");
    list_warnings(&definition)
}

fn list_warnings(definition: &Value) -> Vec<String> {
    let document = Document::of(definition).unwrap();
    assert_eq!(document.problems(definition), []);
    document.warnings(definition).iter().map(ToString::to_string).collect()
}

#[test]
fn needs_that_nodes_ignore_are_named() {
    let definition = json!({
        "version": "0.1",
        "type": "container",
        "meta": {
            "trigger": "cli",
            "system_requirements": { "required_vram": 48, "cuda_min": "12" },
        },
        "ops": [{ "type": "container/run", "id": "a", "args": { "image": "a", "cmd": "b" } }],
    });
    let [warning] = &list_warnings(&definition)[..] else { panic!("one warning") };
    assert!(warning.starts_with("/meta/system_requirements: "), "{warning}");
    assert!(warning.contains("compare `cuda_min` with"), "{warning}");
}

#[test]
fn commands_that_run_otherwise_than_they_look_are_named() {
    for (args, expected) in [
        (json!({ "image": "a", "cmd": ["echo hi; ls", "b"] }), "/ops/0/args/cmd/0: `echo hi; ls`"),
        (
            json!({ "image": "a", "entrypoint": ["sh", "-c"], "cmd": ["echo", "hi"] }),
            "/ops/0/args/cmd: the entrypoint ends with `-c`",
        ),
        (
            json!({ "image": "a", "entrypoint": "python", "cmd": "-m server" }),
            "/ops/0/args/cmd: `python` gets the arguments `/bin/sh`",
        ),
        (
            json!({ "image": "a", "entrypoint": ["chat $MODEL --instruct"], "cmd": ["b"] }),
            "/ops/0/args/entrypoint/0: `chat $MODEL --instruct` has a space",
        ),
        (
            json!({ "image": "a", "entrypoint": "python -m server" }),
            "/ops/0/args/entrypoint: `python -m server` has a space",
        ),
        (json!({ "image": "a", "cmd": "echo a\r\necho b" }), "/ops/0/args/cmd: has Windows line"),
    ] {
        let [warning] = &warnings(args)[..] else { panic!("one warning: {expected}") };
        assert!(warning.starts_with(expected), "{warning}");
    }

    for args in [
        json!({ "image": "a" }),
        json!({ "image": "a", "cmd": [] }),
        json!({ "image": "a", "cmd": "echo hi" }),
        json!({ "image": "a", "cmd": ["sh", "-c", "echo hi"] }),
        json!({ "image": "a", "entrypoint": ["sh", "-c"], "cmd": "echo hi" }),
        json!({ "image": "a", "entrypoint": ["sh", "-c"], "cmd": ["echo hi"] }),
        json!({ "image": "a", "entrypoint": "bash", "cmd": "echo hi" }),
        json!({ "image": "a", "entrypoint": ["runner"], "cmd": ["a prompt", "b"] }),
    ] {
        assert_eq!(warnings(args), [""; 0]);
    }
}

#[test]
fn the_entrypoint_of_all_operations_counts() {
    let mut definition = json!({
        "version": "0.1",
        "type": "container",
        "global": { "image": "a", "entrypoint": ["sh", "-c"] },
        "ops": [{ "type": "container/run", "id": "a", "args": { "cmd": ["echo", "hi"] } }],
    });
    assert_eq!(list_warnings(&definition).len(), 1);
    definition["ops"][0]["args"]["entrypoint"] = json!([]);
    assert_eq!(list_warnings(&definition), [""; 0], "an empty list is the image's own");

    definition["global"]["entrypoint"] = json!(["chat --instruct"]);
    let [warning] = &list_warnings(&definition)[..] else { panic!("one warning") };
    assert!(warning.starts_with("/global/entrypoint/0: `chat --instruct` has"), "{warning}");
}

#[test]
fn windows_line_ends_in_commands_are_named() {
    let steps = json!([{ "name": "one", "run": "true" }, { "name": "two", "run": "a\r\nb" }]);
    let operation = json!({ "id": "a", "type": "command/run", "args": { "steps": steps } });
    let text = format!("{:#}", definition(operation)).replace('\n', "\r\n");
    let read = read_definition_json(text.as_bytes()).unwrap();

    let [warning] = &list_warnings(&read)[..] else { panic!("one warning") };
    assert!(warning.starts_with("/ops/0/args/steps/1/run: has Windows line ends"), "{warning}");
}
