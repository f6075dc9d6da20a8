//! Changes to generated schemas.

use schemars::Schema;
use serde_json::{Map, Value, json};

/// Replaces every choice between objects that `type` tells apart by conditions on `type`. They
/// accept the same, but a refusal names the field and not the whole object.
pub fn by_type(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(by_type),
        Value::Object(object) => {
            object.values_mut().for_each(by_type);
            optional(object);
            let Some(Value::Array(variants)) = object.get("oneOf") else { return };
            let types: Option<Vec<Value>> = variants
                .iter()
                .map(|variant| variant.pointer("/properties/type/const").cloned())
                .collect();
            let Some(types) = types else { return };
            let conditions: Vec<Value> = types
                .iter()
                .zip(variants)
                .map(|(name, variant)| condition(name, variant))
                .collect();
            object.remove("oneOf");
            object.insert("type".to_owned(), "object".into());
            object.insert("required".to_owned(), json!(["type"]));
            object.insert("properties".to_owned(), json!({ "type": { "enum": types } }));
            object.insert("allOf".to_owned(), conditions.into());
        }
        _ => {}
    }
}

/// Replaces the choice between something and null by a condition, for the same reason.
fn optional(object: &mut Map<String, Value>) {
    let Some(Value::Array(choice)) = object.get("anyOf") else { return };
    let [something, null] = &choice[..] else { return };
    if *null != json!({ "type": "null" }) {
        return;
    }
    let something = something.clone();
    object.remove("anyOf");
    object.insert("if".to_owned(), json!({ "not": { "type": "null" } }));
    object.insert("then".to_owned(), something);
}

fn condition(name: &Value, variant: &Value) -> Value {
    let is_it = json!({ "properties": { "type": { "const": name } }, "required": ["type"] });
    json!({ "if": is_it, "then": variant })
}

/// Lets `artefacts` stand for `artifacts`: definitions of earlier releases spell it so. The reader
/// refuses both at once as a duplicate field.
pub fn artifacts_alias(schema: &mut Schema) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    let Some(mut patterns) = properties.get("artifacts").cloned() else { return };
    if let Some(patterns) = patterns.as_object_mut() {
        patterns.insert("deprecated".to_owned(), true.into());
        patterns.insert("description".to_owned(), "Another spelling of `artifacts`.".into());
    }
    properties.insert("artefacts".to_owned(), patterns);
    schema.insert("not".to_owned(), json!({ "required": ["artifacts", "artefacts"] }));
}

/// Ties the output and the error of an operation to its status.
pub fn output_or_error(schema: &mut Schema) {
    let when = |status: &str, there: &str, not_there: &str, value: Value| {
        json!({
            "if": { "properties": { "status": { "const": status } } },
            "then": { "required": [there], "properties": { there: value, not_there: { "type": "null" } } },
        })
    };
    let string = json!({ "type": "string", "minLength": 1 });
    let conditions = [
        when("ok", "output", "error", json!({ "type": "string" })),
        when("failed", "error", "output", string),
    ];
    schema.insert("allOf".to_owned(), conditions.to_vec().into());
}
