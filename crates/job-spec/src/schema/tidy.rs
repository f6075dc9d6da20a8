//! Changes to generated schemas. They accept the same documents as before, but an error names the
//! field instead of the whole object.

use serde_json::{Map, Value, json};

use super::regexes::PLACEHOLDER;

/// Replaces every choice between objects that differ in `type`, and every choice between a value
/// and null, by conditions.
pub(super) fn replace_choices(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(replace_choices),
        Value::Object(object) => {
            object.values_mut().for_each(replace_choices);
            replace_optional(object);
            replace_variants(object);
        }
        _ => {}
    }
}

/// Lets every text have placeholders, whatever its form is otherwise.
pub(super) fn allow_placeholders(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(allow_placeholders),
        Value::Object(object) => {
            if let Some(Value::String(pattern)) = object.get_mut("pattern") {
                *pattern = format!("(?:{pattern})|{PLACEHOLDER}");
            }
            object.values_mut().for_each(allow_placeholders);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Sorts the fields of every object, so that a schema has one text, whatever order the library keeps.
pub(super) fn sort_fields(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(sort_fields),
        Value::Object(object) => {
            let mut fields: Vec<(String, Value)> = std::mem::take(object).into_iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            fields.iter_mut().for_each(|(_, value)| sort_fields(value));
            object.extend(fields);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Replaces `oneOf` by a condition for each `type`.
fn replace_variants(object: &mut Map<String, Value>) {
    let Some(Value::Array(variants)) = object.get("oneOf") else { return };

    let types: Option<Vec<Value>> =
        variants.iter().map(|variant| variant.pointer("/properties/type/const").cloned()).collect();
    let Some(types) = types else { return };

    let conditions: Vec<Value> = types
        .iter()
        .zip(variants)
        .map(|(name, variant)| variant_condition(name, variant))
        .collect();

    object.remove("oneOf");
    object.insert("type".to_owned(), "object".into());
    object.insert("required".to_owned(), json!(["type"]));
    object.insert("properties".to_owned(), json!({ "type": { "enum": types } }));
    object.insert("allOf".to_owned(), conditions.into());
}

fn variant_condition(name: &Value, variant: &Value) -> Value {
    let has_type = json!({ "properties": { "type": { "const": name } }, "required": ["type"] });

    json!({ "if": has_type, "then": variant })
}

/// Replaces `anyOf` of a value and null by a condition.
fn replace_optional(object: &mut Map<String, Value>) {
    let Some(Value::Array(choice)) = object.get("anyOf") else { return };
    let [value, null] = &choice[..] else { return };

    if *null != json!({ "type": "null" }) {
        return;
    }

    let value = value.clone();
    object.remove("anyOf");
    object.insert("if".to_owned(), json!({ "not": { "type": "null" } }));
    object.insert("then".to_owned(), value);
}
