//! Where placeholders of other operations, such as `%%ops.setter.results.port%%`, may stand: in
//! texts that a node needs when the container starts, and not before.

use serde_json::Value;

use crate::definition::{
    checks::escape_key,
    error::{DefinitionError, refuse_field, shorten},
    references::{TextPart, split_placeholders},
};

/// The fields of an operation's `args`, and of `global`, that nodes fill in.
const FILLED_FIELDS: [&str; 3] = ["cmd", "entrypoint", "env"];
/// The field of `global` with the variables. They stay as they are written: their values are checked
/// in each place that names them.
const VARIABLES_FIELD: &str = "variables";

/// Refuses the first placeholder in a field that nodes do not fill in. `meta` may have some: nodes
/// ignore them.
pub(super) fn check_placeholders(definition: &Value) -> Result<(), DefinitionError> {
    let global = definition.get("global").and_then(Value::as_object).into_iter().flatten();
    check_fields("/global", global.filter(|(name, _)| *name != VARIABLES_FIELD))?;

    let operations = definition.get("ops").and_then(Value::as_array).into_iter().flatten();
    for (index, operation) in operations.enumerate() {
        for (name, field) in operation.as_object().into_iter().flatten() {
            let pointer = format!("/ops/{index}/{}", escape_key(name));
            if name == "args" {
                check_fields(&pointer, field.as_object().into_iter().flatten())?;
            } else {
                check_value(&pointer, field)?;
            }
        }
    }
    Ok(())
}

fn check_fields<'a>(
    pointer: &str,
    fields: impl Iterator<Item = (&'a String, &'a Value)>,
) -> Result<(), DefinitionError> {
    for (name, field) in fields {
        if FILLED_FIELDS.contains(&name.as_str()) {
            continue;
        }
        check_value(&format!("{pointer}/{}", escape_key(name)), field)?;
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
            let pointer = format!("{pointer}/{}", escape_key(name));
            check_name(&pointer, name)?;
            check_value(&pointer, field)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Refuses placeholders in the name of a field, such as a header's: names stay as they are written,
/// and those of results were filled in before.
fn check_name(pointer: &str, name: &str) -> Result<(), DefinitionError> {
    let mut parts = split_placeholders(name).into_iter();
    let placeholder = parts.find_map(|part| match part {
        TextPart::Placeholder(name) => Some(name),
        TextPart::Plain(_) => None,
    });

    match placeholder {
        Some(placeholder) => refuse_field(
            pointer,
            format!(
                "has the placeholder `%%{}%%` in its name, which nobody fills in; write the name \
                 itself",
                shorten(placeholder)
            ),
        ),
        None => Ok(()),
    }
}

fn check_text(pointer: &str, text: &str) -> Result<(), DefinitionError> {
    for part in split_placeholders(text) {
        if let TextPart::Placeholder(name) = part {
            return refuse_field(
                pointer,
                format!(
                    "has the placeholder `%%{}%%`, whose value nodes need before the job starts; \
                     values of other operations can stand in `cmd`, `entrypoint` and `env`",
                    shorten(name)
                ),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_field_of_a_placeholder_is_named() {
        for (definition, expected) in [
            (json!({ "global": { "image": "%%ops.a.results.b%%" } }), "/global/image: "),
            (json!({ "ops": [{ "args": { "image": "%%ops.b.host%%" } }] }), "/ops/0/args/image: "),
            (
                json!({ "ops": [{ "args": { "x": [{ "a/b": "=%%ops.b:1.results.c%%." }] } }] }),
                "/ops/0/args/x/0/a~1b: ",
            ),
            (json!({ "ops": [{ "results": { "a": "100%%%ops.a.b%%" } }] }), "/ops/0/results/a: "),
        ] {
            let error = check_placeholders(&definition).unwrap_err().to_string();
            assert!(error.starts_with(expected) && error.contains("before the job"), "{error}");
        }
    }

    #[test]
    fn a_name_has_no_placeholder() {
        let check = json!({ "headers": { "%%global.variables.A%%": "1" } });
        for (args, place) in [
            (json!({ "expose": [check] }), "/expose/0/headers/%%global.variables.A%%"),
            (json!({ "body": [{ "x": { "a%%ops.b.host%%": 1 } }] }), "/body/0/x/a%%ops.b.host%%"),
        ] {
            let definition = json!({ "ops": [{ "args": args }] });
            let error = check_placeholders(&definition).unwrap_err().to_string();
            let expected = format!("/ops/0/args{place}: has the placeholder `%%");
            assert!(error.starts_with(&expected) && error.contains("in its name"), "{error}");
        }
    }

    #[test]
    fn commands_and_variables_may_have_placeholders() {
        let text = "%%ops.a.results.b%%";
        let fields = json!({ "cmd": [text], "entrypoint": text, "env": { "A": text } });
        let definition = json!({
            "meta": { "a": text },
            "global": {
                "entrypoint": text,
                "env": { "A": text },
                "variables": { "A": text, "B": "%%global.variables.A%%" },
            },
            "ops": [{ "args": fields }],
        });
        assert!(check_placeholders(&definition).is_ok());
    }
}
