//! What to write instead of a value that a schema refuses, where the library's own words do not say
//! it.

use boon::ErrorKind;

use crate::definition::id::explain_id_pattern;

/// What a volume is; other software has paths alone.
const VOLUME_FORM: &str = "must be an object with `name` and `dest`, such as \
                           `{ \"name\": \"data\", \"dest\": \"/data\" }`";
/// The types of resources, with what each names.
const RESOURCE_TYPES: &str = "must be `HF`, `S3`, `Ollama` or `http`; for files at Hugging Face \
                              use `HF` with `repo`, such as `\"repo\": \"org/name\"`";

/// What to write instead of the value at `pointer`; `None` where the error itself says it.
pub(super) fn advise_value(pointer: &str, error: &ErrorKind<'_, '_>) -> Option<String> {
    match error {
        ErrorKind::Type { .. } => is_volume(pointer).then(|| VOLUME_FORM.to_owned()),
        ErrorKind::Enum { .. } => is_resource_type(pointer).then(|| RESOURCE_TYPES.to_owned()),
        ErrorKind::Pattern { got, want } => explain_id_pattern(got, want),
        _ => None,
    }
}

fn is_volume(pointer: &str) -> bool {
    let parts: Vec<&str> = pointer.split('/').collect();
    matches!(parts[..], ["", "ops", _, "args", "volumes", _])
}

fn is_resource_type(pointer: &str) -> bool {
    let parts: Vec<&str> = pointer.split('/').collect();
    matches!(parts[..], ["", "ops", _, "args", "resources", _, "type"])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::Document;

    /// The problems of a definition in the published schema whose operation has this field.
    fn find_problems(pointer: &str, value: Value) -> Vec<String> {
        let mut definition = json!({
            "version": "0.1",
            "type": "container",
            "ops": [{ "type": "container/run", "id": "a", "args": { "image": "debian" } }],
        });
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        definition.pointer_mut(parent).unwrap()[name] = value;
        Document::Published.problems(&definition).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn values_of_other_forms_are_refused_with_the_right_one() {
        let model =
            json!([{ "type": "huggingface", "url": "https://huggingface.co/a/b", "target": "/m" }]);
        for (pointer, value, expected) in [
            (
                "/ops/0/args/ports",
                json!(["80:80"]),
                "/ops/0/args/ports: is not a known field; use `expose`",
            ),
            (
                "/ops/0/args/volumes",
                json!(["/data"]),
                "/ops/0/args/volumes/0: must be an object with `name` and `dest`",
            ),
            ("/ops/0/args/resources", model, "/ops/0/args/resources/0/type: must be `HF`, `S3`"),
            (
                "/ops/0/id",
                json!("meta/Llama 3"),
                "/ops/0/id: must be 1 to 64 ASCII letters, digits, `-`, `_`, `.` or `:`, and not \
                 begin with `.` or `:`; use `meta-Llama-3`",
            ),
            (
                "/ops/0/args/volumes",
                json!([{ "name": ".a", "dest": "/data" }]),
                "/ops/0/args/volumes/0/name: must be 1 to 64 ASCII letters",
            ),
        ] {
            let problems = find_problems(pointer, value);
            let [problem] = &problems[..] else { panic!("{problems:?}") };
            assert!(problem.starts_with(expected), "{problem}");
        }
    }

    #[test]
    fn other_values_keep_the_words_of_the_schema() {
        let problems = find_problems("/ops/0/args/gpu", json!("yes"));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("/ops/0/args/gpu: want "), "{problems:?}");
        let problems = find_problems("/ops/0/args/work_dir", json!("tmp"));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(!problems[0].contains("must be 1 to 64"), "{problems:?}");
    }
}
