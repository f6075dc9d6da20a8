//! `container/run`, and definitions in the published schema.

use super::*;
use crate::{
    CONTAINER_OUTPUT, MAX_ARTIFACT_BYTES, PUBLISHED_VERSION,
    definition::{stages::plan_stages, step::StepCommand},
};

/// A definition with `container/run`.
fn container() -> Value {
    definition(json!({ "id": "c", "type": "container/run", "args": { "image": "debian" } }))
}

/// A definition in the published schema.
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
        "global": {
            "image": "debian",
            "gpu": true,
            "env": { "A": "1", "B": "2" },
            "entrypoint": "sh",
        },
        "ops": [volume, run("a", "one", &["make"]), run("b", "two", &[]), run("c", "one", &["a"])],
    })
}

/// The definition with a field replaced, or added.
fn with_published(pointer: &str, value: Value) -> Value {
    let mut json = published();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match json.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        parent => parent[name] = value,
    }
    json
}

#[test]
fn a_published_definition_is_converted() {
    let definition =
        read_definition(&with_published("/ops/1/args/env", json!({ "B": "3" }))).unwrap();
    assert_eq!((definition.version.as_str(), definition.ops.len()), (DEFINITION_VERSION, 3));

    let Operation::ContainerRun { id, args, execution, .. } = &definition.ops[0] else {
        panic!("{definition:?}")
    };
    assert_eq!((id.as_str(), args.image.as_str(), args.gpu), ("a", "debian", true));
    assert_eq!((&args.env["A"], &args.env["B"]), (&"1".to_owned(), &"3".to_owned()));
    assert_eq!(args.entrypoint, ["sh"]);
    assert_eq!(args.cmd, Some(StepCommand::Line("echo hello".into())));
    assert_eq!(args.command(), ["-c", "echo hello"], "the entrypoint is a shell");
    assert!(execution.depends_on.is_empty(), "a volume exists as soon as it is mounted");
    assert_eq!(plan_stages(&definition.ops), [vec![0, 2], vec![1]]);

    let ours = serde_json::to_value(&definition).unwrap();
    assert_eq!(read_definition(&ours).unwrap(), definition);
}

#[test]
fn an_empty_command_is_the_images_own() {
    let mut json = with_published("/ops/1/args/cmd", json!([]));
    json["ops"][1]["args"]["entrypoint"] = json!([]);
    let definition = read_definition(&json).unwrap();
    let Operation::ContainerRun { args, .. } = &definition.ops[0] else { panic!("{definition:?}") };
    assert_eq!((args.command(), &args.entrypoint), (vec![], &vec![]));

    let mut json = container();
    json["ops"][0]["args"]["cmd"] = json!([]);
    assert!(read_definition(&json).is_ok());
}

#[test]
fn operations_without_groups_run_one_after_the_other() {
    let mut json = published();
    for index in 1..4 {
        json["ops"][index].as_object_mut().unwrap().remove("execution");
    }
    assert_eq!(plan_stages(&read_definition(&json).unwrap().ops), [[0], [1], [2]]);
}

#[test]
fn errors_point_at_the_field_as_it_was_written() {
    let cases = [
        ("/type", json!("docker"), "/type: "),
        ("/global/volumes", json!([]), "/global/volumes: is not a known field"),
        ("/ops/1/args/expose", json!(0), "/ops/1/args/expose: "),
        ("/ops/1/args/expose", json!([80, 80]), "/ops/1/args/expose/1: port 80 is already"),
        (
            "/ops/1/args/expose",
            json!([{ "port": 80, "health_checks": [{ "type": "http", "path": "file:///a" }] }]),
            "/ops/1/args/expose/0/health_checks/0/path: ",
        ),
        ("/ops/1/args/authentication", json!({}), "/ops/1/args/authentication: is not supported"),
        (
            "/ops/1/args/resources",
            json!([{ "type": "HF", "repo": "a/b", "target": "/m", "accessToken": "x" }]),
            "/ops/1/args/resources/0/accessToken: is not supported",
        ),
        (
            "/ops/1/args/resources",
            json!([
                { "type": "HF", "repo": "a/b", "target": "/m" },
                { "type": "S3", "url": "https://c.d", "target": "/m/onnx", "allowWrite": true },
            ]),
            "/ops/1/args/resources/1/target: overlaps the folder of an earlier resource",
        ),
        ("/ops/1/type", json!("container/walk"), "/ops/1/type: "),
        ("/global/image", json!(null), "/ops/1/args/image: is missing, and so is /global/image"),
        ("/global/image", json!("-v"), "/global/image: "),
        ("/ops/1/args/image", json!("--privileged"), "/ops/1/args/image: "),
        ("/ops/1/args/cmd", json!(""), "/ops/1/args/cmd: "),
        ("/ops/1/args/cmd", json!([""]), "/ops/1/args/cmd: is blank"),
        ("/ops/1/args/cmd", json!("%%ops.b.host%%"), "/ops/1/args/cmd: `%%ops.b.host%%`: `b` does"),
        ("/ops/1/args/cmd", json!("%%ops.z.host%%"), "/ops/1/args/cmd: `%%ops.z.host%%`: no op"),
        ("/ops/1/args/cmd", json!("%%ops.a.url%%"), "/ops/1/args/cmd: has the placeholder"),
        ("/ops/1/args/image", json!("%%ops.c.results.x%%"), "/ops/1/args/image: has the placehol"),
        ("/ops/1/args/cmd", json!("%%ops.c.results.x%%"), "/ops/1/args/cmd: `%%ops.c.results.x%%`"),
        ("/ops/1/args/cmd", json!("%%global.variables.x%%"), "/ops/1/args/cmd: has `%%global."),
        ("/global/variables", json!({ "a": "%%global.variables.a%%" }), "/global/variables/a: "),
        ("/global/entrypoint", json!("bash -c"), "/ops/1/args/entrypoint/0: `bash -c` is a line"),
        ("/ops/2/args/work_dir", json!("tmp"), "/ops/2/args/work_dir: "),
        ("/ops/2/args/output", json!("/a/../b"), "/ops/2/args/output: "),
        (
            "/ops/2/args/volumes",
            json!([{ "name": "a", "dest": "/a:ro" }]),
            "/ops/2/args/volumes/0/dest: ",
        ),
        (
            "/ops/2/args/volumes",
            json!([{ "name": "a", "dest": "/" }]),
            "/ops/2/args/volumes/0/dest: cannot be a volume",
        ),
        (
            "/ops/2/args/volumes",
            json!([{ "name": "a", "dest": "/a" }, { "name": "b", "dest": "//a/." }]),
            "/ops/2/args/volumes/1/dest: is already the path of an earlier volume",
        ),
        ("/ops/2/args/output", json!("/dev/shm/a"), "/ops/2/args/output: cannot be kept"),
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
        ("/ops/2/id", json!("make"), "/ops/2/id: `make` is already the name of an earlier"),
        ("/ops/3/id", json!("a"), "/ops/3/id: `a` is already the name of an earlier operation"),
        (
            "/ops",
            json!([{ "type": "container/create-volume", "id": "a", "args": { "name": "a" } }]),
            "/ops: has 0",
        ),
    ];
    for (pointer, value, expected) in cases {
        let error = read_definition(&with_published(pointer, value)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{pointer}: {error}");
    }
    let twice = published().to_string().replacen("\"image\"", "\"image\":\"x\",\"image\"", 1);
    assert!(JobDefinition::from_json(twice.as_bytes()).is_err());
}

#[test]
fn a_field_that_is_refused_says_why_and_what_to_do_instead() {
    let bucket = json!([{ "type": "S3", "url": "https://c.d", "target": "/m", "IAM": {} }]);
    let model = json!([{ "type": "HF", "repo": "a/b", "target": "/m", "accessToken": "x" }]);
    let cases = [
        ("/ops/1/args/authentication", json!({}), "passwords", "an image that is pulled without"),
        ("/ops/1/args/resources", bucket, "IAM: is not supported", "a bucket that is read without"),
        ("/ops/1/args/resources", model, "tokens of clients", "a repository that is read without"),
        ("/ops/1/args/private", json!(true), "not a part of the definition", "`--private`"),
        ("/private", json!(true), "/private: is not a part", "unless these have `public`"),
    ];

    for (pointer, value, reason, advice) in cases {
        let error = read_definition(&with_published(pointer, value)).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(advice), "{pointer}: {error}");
        assert!(error.contains("; remove it, and "), "{pointer}: {error}");
    }
}

#[test]
fn containers_are_not_combined_and_do_not_limit_the_disk() {
    let mut mixed = container();
    mixed["ops"].as_array_mut().unwrap().push(example()["ops"][0].clone());
    let error = read_definition(&mixed).unwrap_err().to_string();
    assert!(error.starts_with("/ops/1/type: cannot be combined with `container/run`"), "{error}");

    let mut disk = container();
    assert!(read_definition(&disk).is_ok());
    disk["ops"][0]["args"]["limits"] = json!({ "disk_mib": 5 });
    let error = read_definition(&disk).unwrap_err().to_string();
    assert!(error.starts_with("/ops/0/args/limits/disk_mib: cannot be given"), "{error}");
}

#[test]
fn a_large_definition_is_refused_before_the_schema_check() {
    let many: Vec<u8> = vec![1; 20_000];
    let refused =
        JobDefinition::from_json(with_published("/ops", many.into()).to_string().as_bytes())
            .unwrap_err();
    assert!(refused.to_string().contains("more than 10000 values"), "{refused}");
    let long = " ".repeat(600_000);
    let refused =
        JobDefinition::from_json((published().to_string() + &long).as_bytes()).unwrap_err();
    assert!(refused.to_string().contains("at most 524288"), "{refused}");
}

#[test]
fn expressions_that_take_long_are_refused() {
    let endless = with_published("/ops/1/results", json!({ "all": "1[01]{100000}x" }));
    let refused = JobDefinition::from_json(endless.to_string().as_bytes()).unwrap_err();
    assert!(refused.to_string().starts_with("/ops/1/results/all"), "{refused}");
}

#[test]
fn the_operation_is_one_step_and_keeps_one_file() {
    let mut json = container();
    let operation = read_operation(&json);

    assert_eq!(operation.id(), "c");
    assert!(!operation.ends_by_itself());
    assert_eq!(operation.step_names(), Some(vec!["c"]));
    assert_eq!(operation.sandbox_limits(), None);
    assert_eq!(operation.execution(), Some(&Execution::default()));
    assert_eq!(operation.inference_args(), None);

    let nothing = ExpectedArtifacts { patterns: vec![], max_bytes: MAX_ARTIFACT_BYTES };
    assert_eq!(operation.expected_artifacts(), nothing);

    json["ops"][0]["args"]["output"] = json!("/out");
    json["ops"][0]["execution"] = json!({ "group": "g" });
    let operation = read_operation(&json);

    let output = vec![CONTAINER_OUTPUT.to_owned()];
    assert_eq!(operation.expected_artifacts().patterns, output);
    assert_eq!(operation.execution().unwrap().group.as_deref(), Some("g"));
}

#[test]
fn exposed_ports_have_three_forms_and_one_owner() {
    let check = json!({
        "type": "http",
        "path": "/api/tags",
        "method": "GET",
        "expected_status": 200,
        "continuous": true,
    });
    let object = json!({ "port": 11434, "type": "api", "public": true, "health_checks": [check] });
    for (exposed, expected) in [
        (json!(8080), json!([{ "port": 8080 }])),
        (json!([80, object]), json!([{ "port": 80 }, object])),
        (json!([]), Value::Null),
    ] {
        let definition = read_definition(&with_published("/ops/1/args/expose", exposed)).unwrap();
        let written = serde_json::to_value(&definition).unwrap();
        let found = written.pointer("/ops/0/args/expose").cloned().unwrap_or_default();
        assert_eq!(found, expected);

        assert_eq!(read_definition(&written).unwrap(), definition, "nodes read it");
    }

    let mut json = with_published("/ops/1/args/expose", json!([80, 81]));
    json["ops"][3]["args"]["expose"] = json!(81);
    let error = read_definition(&json).unwrap_err().to_string();
    assert_eq!(error, "/ops/3/args/expose: port 81 is already exposed by `a`; use another port");
    json["ops"][3]["args"]["expose"] = json!(82);
    let ports = read_definition(&json).unwrap().exposed_ports();
    assert_eq!(ports.iter().map(|port| port.port).collect::<Vec<_>>(), [80, 81, 82]);
}
