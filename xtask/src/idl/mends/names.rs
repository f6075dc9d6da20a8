//! Names in an IDL, and what refers to them.

use serde_json::Value;

/// Returns an item's name; an empty text if it has none.
pub fn name_of(item: &Value) -> &str {
    item["name"].as_str().unwrap_or_default()
}

/// Returns true if an argument or the field of a type has the named type.
pub fn is_referred_to(idl: &Value, name: &str) -> bool {
    ["instructions", "types", "accounts", "events"].iter().any(|list| mentions(&idl[*list], name))
}

fn mentions(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(fields) => {
            fields.get("defined").is_some_and(|defined| name_of(defined) == name)
                || fields.values().any(|field| mentions(field, name))
        }
        Value::Array(items) => items.iter().any(|item| mentions(item, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Keeps the items of a list that `keep` accepts.
pub fn retain_items(list: &mut Value, keep: impl Fn(&Value) -> bool) {
    if let Some(items) = list.as_array_mut() {
        items.retain(keep);
    }
}
