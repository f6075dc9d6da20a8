//! Placeholders such as `%%ops.setter.results.port%%`, which mean values of other operations in the
//! published schema. Nodes do not fill them in, and a command that got the placeholder itself would
//! fail and be paid.

use serde_json::Value;

use crate::definition::{
    checks::escape_key,
    error::{DefinitionError, refuse_field, shorten},
};

/// What encloses a placeholder.
const MARK: &str = "%%";

/// Refuses the first placeholder in a definition. `meta` may have some: nodes ignore it.
pub(super) fn check_placeholders(definition: &Value) -> Result<(), DefinitionError> {
    for field in ["global", "ops"] {
        if let Some(value) = definition.get(field) {
            check_value(&format!("/{field}"), value)?;
        }
    }
    Ok(())
}

fn check_value(pointer: &str, value: &Value) -> Result<(), DefinitionError> {
    match value {
        Value::String(text) => check_text(pointer, text),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| check_value(&format!("{pointer}/{index}"), item)),
        Value::Object(fields) => fields.iter().try_for_each(|(name, field)| {
            check_value(&format!("{pointer}/{}", escape_key(name)), field)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn check_text(pointer: &str, text: &str) -> Result<(), DefinitionError> {
    match find_placeholder(text) {
        Some(placeholder) => refuse_field(
            pointer,
            format!(
                "has the placeholder `{}`, which nodes do not fill in; write the value itself, or \
                 pass it from one container to the next in a file of a volume",
                shorten(placeholder)
            ),
        ),
        None => Ok(()),
    }
}

fn find_placeholder(text: &str) -> Option<&str> {
    text.char_indices().find_map(|(at, _)| {
        let rest = text[at..].strip_prefix(MARK)?;
        let name = &rest[..rest.find(MARK)?];
        is_reference(name).then(|| &text[at..at + name.len() + 2 * MARK.len()])
    })
}

/// Whether a text between two marks has the form `ops.…` or `global.…`. Other texts, such as that
/// in `printf '%d%% of %d%%'`, mean themselves.
fn is_reference(name: &str) -> bool {
    name.split_once('.').is_some_and(|(root, path)| {
        root.len() > 1
            && root.bytes().all(|byte| byte.is_ascii_lowercase())
            && !path.is_empty()
            && !path.contains(|c: char| c.is_whitespace() || c == '%')
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_field_of_a_placeholder_is_named() {
        for (definition, expected) in [
            (json!({ "global": { "image": "%%global.image%%" } }), "/global/image: "),
            (
                json!({ "ops": [{ "args": { "cmd": ["a", "%%ops.b.host%%"] } }] }),
                "/ops/0/args/cmd/1: ",
            ),
            (
                json!({ "ops": [{ "args": { "env": { "A/B": "=%%ops.b:1.results.c%%." } } }] }),
                "/ops/0/args/env/A~1B: ",
            ),
            (json!({ "ops": [{ "results": { "a": "100%%%ops.a.b%%" } }] }), "/ops/0/results/a: "),
        ] {
            let error = check_placeholders(&definition).unwrap_err().to_string();
            assert!(error.starts_with(expected) && error.contains("write the value"), "{error}");
        }
    }

    #[test]
    fn percent_signs_mean_themselves() {
        for text in [
            "printf '%d%% of %d%%'",
            "date +%%Y.%%m.%%d",
            "100%%",
            "%%%%",
            "%%ops.%%",
            "%%.a%%",
            "50%%. And.5%%",
        ] {
            assert_eq!(find_placeholder(text), None, "{text}");
        }
        assert!(check_placeholders(&json!({ "meta": { "a": "%%ops.a.b%%" } })).is_ok());
    }
}
