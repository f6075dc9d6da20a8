//! Templates that Nosana publishes for its dashboard, in the folder `templates`: each is valid, and
//! each of their fields is read, or ignored on purpose. `docs/schema/README.md` lists both.
//!
//! `NOSANA_TEMPLATES=FOLDER` names a folder with more of them: each is valid, or refused with the
//! place of what is wrong.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{is_read, schema_folder, with_field};
use crate::{JobDefinition, schema::Document};

/// The fields that nodes read. `*` is an element of a list, `NAME` a name that authors choose.
const READ: [&str; 32] = [
    "/version",
    "/type",
    "/global",
    "/global/variables",
    "/global/variables/NAME",
    "/meta",
    "/meta/system_requirements",
    "/meta/system_requirements/vram_total_mb",
    "/ops",
    "/ops/*/id",
    "/ops/*/type",
    "/ops/*/args",
    "/ops/*/args/cmd",
    "/ops/*/args/entrypoint",
    "/ops/*/args/env",
    "/ops/*/args/env/NAME",
    "/ops/*/args/expose",
    "/ops/*/args/expose/*/port",
    "/ops/*/args/expose/*/health_checks",
    "/ops/*/args/expose/*/health_checks/*/type",
    "/ops/*/args/expose/*/health_checks/*/path",
    "/ops/*/args/expose/*/health_checks/*/method",
    "/ops/*/args/expose/*/health_checks/*/expected_status",
    "/ops/*/args/expose/*/health_checks/*/continuous",
    "/ops/*/args/gpu",
    "/ops/*/args/image",
    "/ops/*/args/resources",
    "/ops/*/args/resources/*/type",
    "/ops/*/args/resources/*/model",
    "/ops/*/args/resources/*/url",
    "/ops/*/args/resources/*/target",
    "/ops/*/args/resources/*/allowWrite",
];
/// The environment variable with a folder of further templates.
const FURTHER_TEMPLATES: &str = "NOSANA_TEMPLATES";
/// The fields that nodes ignore.
const IGNORED: [&str; 1] = ["/meta/trigger"];

/// A template.
struct Template {
    name: String,
    value: Value,
}

fn list_templates() -> Vec<Template> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/schema/tests/templates");
    let templates = read_folder(Path::new(folder));
    assert_eq!(templates.len(), 6);
    templates
}

/// Reads the JSON files of a folder, in the order of their names.
fn read_folder(folder: &Path) -> Vec<Template> {
    let read = |path: PathBuf| Template {
        name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
        value: serde_json::from_slice(&fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
    };

    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort_unstable();
    paths.into_iter().map(read).collect()
}

/// Whether a reason begins with the place of a field that the definition has, or lacks in an object
/// that it has.
fn names_field(reason: &str, value: &Value) -> bool {
    let Some((pointer, problem)) = reason.split_once(": ") else { return false };
    let Some((parent, _)) = pointer.rsplit_once('/') else { return false };
    value.pointer(parent).is_some() && !problem.is_empty()
}

/// Collects the fields of `value`: the pointer of each, and its name in the lists above.
fn collect_fields(value: &Value, pointer: &str, field: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            let is_chosen = field.ends_with("/env") || field.ends_with("/variables");
            for (name, member) in members {
                let pointer = format!("{pointer}/{name}");
                let field = format!("{field}/{}", if is_chosen { "NAME" } else { name.as_str() });
                found.push((pointer.clone(), field.clone()));
                collect_fields(member, &pointer, &field, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_fields(item, &format!("{pointer}/{index}"), &format!("{field}/*"), found);
            }
        }
        _ => {}
    }
}

fn list_fields(template: &Template) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect_fields(&template.value, "", "", &mut found);
    found
}

/// Why a definition is refused: what the schema finds, and the reader.
fn explain_refusal(value: &Value) -> Option<String> {
    let error = JobDefinition::from_json(value.to_string().as_bytes()).err()?;
    let problems = Document::Published.problems(value);
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Some(format!("{}\n{error}", problems.join("\n")))
}

#[test]
fn each_template_is_valid_and_nothing_in_it_is_doubtful() {
    for Template { name, value } in list_templates() {
        assert_eq!(Document::of(&value), Some(Document::Published), "{name}");
        assert!(is_read(&value), "{name}: {:?}", explain_refusal(&value));
        assert!(Document::Published.problems(&value).is_empty(), "{name}");
        let warnings = Document::Published.warnings(&value);
        assert!(warnings.is_empty(), "{name}: {warnings:?}");
    }
}

#[test]
fn every_field_of_the_templates_is_listed() {
    let found: BTreeSet<String> =
        list_templates().iter().flat_map(list_fields).map(|(_, field)| field).collect();
    let listed: BTreeSet<String> = READ.into_iter().chain(IGNORED).map(str::to_owned).collect();
    assert_eq!(found, listed);
}

#[test]
fn a_field_is_read_or_ignored_and_a_wrong_one_is_refused_with_its_place() {
    for template in list_templates() {
        let Template { name, value } = &template;
        let definition = JobDefinition::from_json(value.to_string().as_bytes()).unwrap();

        for (pointer, field) in list_fields(&template) {
            // No field of the schema is a list of lists.
            let changed = with_field(value.clone(), &pointer, json!([[1]]));
            if IGNORED.contains(&field.as_str()) {
                let read = JobDefinition::from_json(changed.to_string().as_bytes()).unwrap();
                assert_eq!(read, definition, "{name}: {pointer} changes the job");
                continue;
            }

            let reason = explain_refusal(&changed);
            let reason = reason.unwrap_or_else(|| panic!("{name}: any {pointer} is accepted"));
            assert!(reason.contains(&pointer), "{name}: {pointer}: {reason}");
        }
    }
}

#[test]
fn an_unknown_field_is_refused_by_its_name() {
    for Template { name, value } in list_templates() {
        for parent in ["", "/ops/0", "/ops/0/args"] {
            let pointer = format!("{parent}/required_luck");
            let reason = explain_refusal(&with_field(value.clone(), &pointer, json!(1)));
            let reason = reason.unwrap_or_else(|| panic!("{name}: {pointer} is accepted"));
            assert!(reason.contains(&format!("{pointer}: is not a known field")), "{reason}");
        }
    }
}

#[test]
fn the_documentation_lists_the_templates_and_their_fields() {
    let text = fs::read_to_string(schema_folder().join("README.md")).unwrap();
    let (_, section) = text.split_once("\n## Published templates\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();

    let folder = "../../crates/job-spec/src/schema/tests/templates";
    for Template { name, .. } in list_templates() {
        assert!(section.contains(&format!("({folder}/{name}.json)")), "{name}");
    }
    for field in READ.into_iter().chain(IGNORED) {
        let last = field.trim_end_matches("/NAME").rsplit('/').next().unwrap();
        assert!(section.contains(&format!("`{last}`")), "{field}");
    }
}

#[test]
fn further_templates_are_valid_or_refused_with_the_place_of_a_field() {
    let Some(folder) = env::var_os(FURTHER_TEMPLATES) else {
        eprintln!("NOTICE: not run: set {FURTHER_TEMPLATES} to a folder of definitions");
        return;
    };
    let templates = read_folder(Path::new(&folder));
    assert!(!templates.is_empty(), "{folder:?} has no files that end with .json");

    let mut refused = 0;
    for Template { name, value } in &templates {
        let Err(error) = JobDefinition::from_json(value.to_string().as_bytes()) else { continue };
        let reason = error.to_string();
        assert!(names_field(&reason, value), "{name}: does not begin with a field: {reason}");

        // `nosana job validate` prints these, all of them at once.
        let document = Document::of(value);
        for problem in document.map(|it| it.problems(value)).unwrap_or_default() {
            assert!(names_field(&problem.to_string(), value), "{name}: {problem}");
        }
        eprintln!("{name}: {reason}");
        refused += 1;
    }
    eprintln!("{} of {} templates are valid", templates.len() - refused, templates.len());
}

#[test]
fn a_reason_without_the_place_of_a_field_is_noticed() {
    let value = json!({ "version": "0.1", "ops": [{ "args": {} }] });
    for reason in
        ["/version: is wrong", "/type: is missing", "/ops/0/args/ports: is not a known field"]
    {
        assert!(names_field(reason, &value), "{reason}");
    }
    for reason in ["the document: is wrong", "is wrong", "/ops/1/id: is wrong", "/version: "] {
        assert!(!names_field(reason, &value), "{reason}");
    }
}
