//! `container/run`, and definitions in the published schema.

use super::*;
use crate::{PUBLISHED_VERSION, Run, stages};

fn published() -> Value {
    let run = |id: &str, group: &str, depends_on: &[&str]| {
        json!({
            "type": "container/run",
            "id": id,
            "args": { "cmd": "echo hello" },
            "execution": { "group": group, "depends_on": depends_on },
        })
    };
    let volume =
        json!({ "type": "container/create-volume", "id": "make", "args": { "name": "data" } });
    json!({
        "version": PUBLISHED_VERSION,
        "type": "container",
        "meta": { "trigger": "cli", "anything": [1] },
        "global": { "image": "debian", "gpu": true, "env": { "A": "1", "B": "2" }, "entrypoint": "sh" },
        "ops": [volume, run("a", "one", &["make"]), run("b", "two", &[]), run("c", "one", &["a"])],
    })
}

/// The definition with a field replaced, or added.
fn changed(pointer: &str, value: Value) -> Value {
    let mut json = published();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match json.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        parent => parent[name] = value,
    }
    json
}

#[test]
fn the_published_schema_becomes_ours() {
    let definition = parse(&changed("/ops/1/args/env", json!({ "B": "3" }))).unwrap();
    assert_eq!((definition.version.as_str(), definition.ops.len()), (DEFINITION_VERSION, 3));
    let Operation::ContainerRun { id, args, execution, .. } = &definition.ops[0] else {
        panic!("{definition:?}")
    };
    assert_eq!((id.as_str(), args.image.as_str(), args.gpu), ("a", "debian", true));
    assert_eq!((&args.env["A"], &args.env["B"]), (&"1".to_owned(), &"3".to_owned()));
    assert_eq!(args.entrypoint, ["sh"]);
    assert_eq!(args.cmd, Some(Run::Line("echo hello".into())));
    assert_eq!(args.command(), ["/bin/sh", "-c", "echo hello"]);
    assert!(execution.depends_on.is_empty(), "volumes are there when they are needed");
    assert_eq!(stages(&definition.ops), [vec![0, 2], vec![1]]);
    // What becomes ours is read as ours.
    let ours = serde_json::to_value(&definition).unwrap();
    assert_eq!(parse(&ours).unwrap(), definition);
}

#[test]
fn operations_without_groups_run_one_after_the_other() {
    let mut json = published();
    for index in 1..4 {
        json["ops"][index].as_object_mut().unwrap().remove("execution");
    }
    assert_eq!(stages(&parse(&json).unwrap().ops), [[0], [1], [2]]);
}

#[test]
fn errors_point_at_the_field_as_it_was_written() {
    let cases = [
        ("/type", json!("docker"), "/type: "),
        ("/global/volumes", json!([]), "/global/volumes: is not known here"),
        ("/ops/1/args/expose", json!(80), "/ops/1/args/expose: is not supported"),
        ("/ops/1/args/resources", json!([]), "/ops/1/args/resources: is not supported"),
        ("/ops/1/type", json!("container/walk"), "/ops/1/type: "),
        ("/global/image", json!(null), "/ops/1/args/image: is missing, and so is /global/image"),
        ("/global/image", json!("-v"), "/global/image: "),
        ("/ops/1/args/image", json!("--privileged"), "/ops/1/args/image: "),
        ("/ops/1/args/cmd", json!([]), "/ops/1/args/cmd: "),
        ("/ops/2/args/work_dir", json!("tmp"), "/ops/2/args/work_dir: "),
        ("/ops/2/args/output", json!("/a/../b"), "/ops/2/args/output: "),
        (
            "/ops/2/args/volumes",
            json!([{ "name": "a", "dest": "/a:ro" }]),
            "/ops/2/args/volumes/0/dest: ",
        ),
        (
            "/ops/2/results",
            json!({ "a": "(?=b)" }),
            "/ops/2/results/a: is not a regular expression",
        ),
        (
            "/ops/2/results",
            json!({ "a": { "regex": "b", "logType": ["stdin"] } }),
            "/ops/2/results/a: ",
        ),
        (
            "/ops/2/execution/depends_on",
            json!(["z"]),
            "/ops/2/execution/depends_on/0: no operation is named `z`",
        ),
        ("/ops/2/execution/depends_on", json!(["b"]), "/ops/2/execution/depends_on: cannot be met"),
        ("/ops/1/execution/depends_on", json!(["b"]), "/ops/1/execution/depends_on: cannot be met"),
        ("/ops/1/execution/depends_on", json!(["c"]), "/ops/1/execution/depends_on: cannot be met"),
        ("/ops/3/id", json!("a"), "/ops/3/id: `a` names an earlier operation"),
        (
            "/ops",
            json!([{ "type": "container/create-volume", "id": "a", "args": { "name": "a" } }]),
            "/ops: has 0",
        ),
    ];
    for (pointer, value, expected) in cases {
        let error = parse(&changed(pointer, value)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{pointer}: {error}");
    }
    let twice = published().to_string().replacen("\"image\"", "\"image\":\"x\",\"image\"", 1);
    assert!(JobDefinition::from_json(twice.as_bytes()).is_err());
}

#[test]
fn containers_stand_alone_and_do_not_bound_the_disk() {
    let container = json!({ "id": "c", "type": "container/run", "args": { "image": "debian" } });
    let mixed = json!({ "version": "nosana/1", "ops": [container, example()["ops"][0]] });
    assert!(parse(&mixed).unwrap_err().to_string().starts_with("/ops/1/type: stands beside"));
    let mut disk = json!({ "version": "nosana/1", "ops": [container] });
    assert!(parse(&disk).is_ok());
    disk["ops"][0]["args"]["limits"] = json!({ "disk_mib": 5 });
    assert!(
        parse(&disk)
            .unwrap_err()
            .to_string()
            .starts_with("/ops/0/args/limits/disk_mib: cannot be given")
    );
}

#[test]
fn a_definition_that_is_only_large_is_not_looked_at_closely() {
    let many: Vec<u8> = vec![1; 20_000];
    let refused =
        JobDefinition::from_json(changed("/ops", many.into()).to_string().as_bytes()).unwrap_err();
    assert!(refused.to_string().contains("more than 10000 values"), "{refused}");
    let long = " ".repeat(600_000);
    let refused =
        JobDefinition::from_json((published().to_string() + &long).as_bytes()).unwrap_err();
    assert!(refused.to_string().contains("at most 524288"), "{refused}");
}

#[test]
fn expressions_that_take_long_are_refused() {
    let endless = changed("/ops/1/results", json!({ "all": "1[01]{100000}x" }));
    let refused = JobDefinition::from_json(endless.to_string().as_bytes()).unwrap_err();
    assert!(refused.to_string().starts_with("/ops/1/results/all"), "{refused}");
}
