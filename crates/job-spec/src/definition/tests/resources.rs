//! Resources of containers, in both schemas.

use super::*;
use crate::{PUBLISHED_VERSION, Resource};

/// A definition of either version whose container has these resources.
fn with_resources(version: &str, resources: Value) -> Value {
    let args = json!({ "image": "debian", "resources": resources });
    let mut json = definition(json!({ "id": "c", "type": "container/run", "args": args }));
    json["version"] = json!(version);
    if version == PUBLISHED_VERSION {
        json["type"] = json!("container");
    }
    json
}

fn read_resources(value: &Value) -> Vec<Resource> {
    match read_operation(value) {
        Operation::ContainerRun { args, .. } => args.resources,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_version_0_1_stores_files_without_their_folders() {
    let model = json!([{ "type": "HF", "repo": "a/b", "files": ["vae/x", "y"], "target": "/m" }]);
    let published = with_resources(PUBLISHED_VERSION, model.clone());
    let ours = with_resources(DEFINITION_VERSION, model.clone());

    let is_flat = |value: &Value| {
        let resources = read_resources(value);
        let [Resource::HuggingFace { flat, .. }] = resources[..] else { panic!("{resources:?}") };
        flat
    };
    assert!(is_flat(&published) && !is_flat(&ours));

    // What is listed is read by nodes, which do not know its version.
    let listed = serde_json::to_value(read_definition(&published).unwrap()).unwrap();
    assert_eq!(listed.pointer("/ops/0/args/resources/0/flat"), Some(&json!(true)));
    assert_eq!(read_resources(&listed), read_resources(&published));

    let bucket =
        json!([{ "type": "S3", "url": "https://a.org", "files": ["b/c"], "target": "/m" }]);
    let [published, ours] = [PUBLISHED_VERSION, DEFINITION_VERSION]
        .map(|version| read_resources(&with_resources(version, bucket.clone())));
    assert_eq!(published, ours, "buckets keep their folders");
}

#[test]
fn the_published_schema_has_no_field_for_it() {
    let model =
        json!([{ "type": "HF", "repo": "a/b", "files": ["c"], "flat": true, "target": "/m" }]);
    assert!(read_definition(&with_resources(DEFINITION_VERSION, model.clone())).is_ok());

    let error = read_definition(&with_resources(PUBLISHED_VERSION, model)).unwrap_err();
    let expected = "/ops/0/args/resources/0/flat: is not a known field";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[test]
fn files_of_one_name_are_refused_with_their_place() {
    let files = ["1_Pooling/config.json", "config.json"];
    let model = json!([{ "type": "HF", "repo": "a/b", "files": files, "target": "/m" }]);
    assert!(read_definition(&with_resources(DEFINITION_VERSION, model.clone())).is_ok());

    let error = read_definition(&with_resources(PUBLISHED_VERSION, model)).unwrap_err().to_string();
    let expected = "/ops/0/args/resources/0/files/1: would be `config.json` in the folder, as is \
                    `1_Pooling/config.json`";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn one_model_fills_a_folder_and_a_folder_in_it() {
    let resource = |file: &str, target: &str| {
        let files = [file];
        json!({ "type": "HF", "repo": "a/b", "files": files, "target": target })
    };
    let resources = json!([
        resource("config.json", "/m/a"),
        resource("1_Pooling/config.json", "/m/a/1_Pooling"),
    ]);
    assert_eq!(read_resources(&with_resources(PUBLISHED_VERSION, resources)).len(), 2);
}
