//! Differences between two IDLs, each with the names of its instruction, account or field.

use serde_json::Value;

/// Lists every difference, as `path: old, in the code new`.
pub fn find_differences(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();

    compare_values("", old, new, &mut found);
    found
}

/// Compares the values at one path.
fn compare_values(path: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            for key in keys {
                let at = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare_optional(&at, a.get(key), b.get(key), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if all_named(a) && all_named(b) => {
            compare_named(path, a, b, found);
        }
        _ => found.push(format!(
            "{path}: {}, in the code {}",
            abbreviate_value(old),
            abbreviate_value(new)
        )),
    }
}

/// Compares two lists of named items: first each item with its namesake, then the order.
fn compare_named(path: &str, old: &[Value], new: &[Value], found: &mut Vec<String>) {
    let mut seen: Vec<&str> = Vec::new();

    for name in old.iter().chain(new).filter_map(name_of) {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);

        let at = format!("{path}[{name}]");
        compare_optional(&at, find_named(old, name), find_named(new, name), found);
    }

    if old.len() == new.len() && old.iter().zip(new).any(|(a, b)| name_of(a) != name_of(b)) {
        found.push(format!("{path}: different order"));
    }
}

/// Returns the first item of this name.
fn find_named<'a>(list: &'a [Value], name: &str) -> Option<&'a Value> {
    list.iter().find(|item| name_of(item) == Some(name))
}

/// Compares two values of which one side may be missing.
fn compare_optional(path: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<String>) {
    match (old, new) {
        (Some(old), Some(new)) => compare_values(path, old, new, found),
        (Some(_), None) => found.push(format!("{path}: no longer in the code")),
        (None, Some(_)) => found.push(format!("{path}: new in the code")),
        (None, None) => {}
    }
}

/// Returns true if all items of a list have names.
fn all_named(list: &[Value]) -> bool {
    list.iter().all(|item| name_of(item).is_some())
}

/// Returns an item's name.
fn name_of(item: &Value) -> Option<&str> {
    item.get("name").and_then(Value::as_str)
}

/// Formats a value, shortened to fit on a line.
fn abbreviate_value(value: &Value) -> String {
    const MAX_CHARACTERS: usize = 60;

    let text = value.to_string();

    if text.chars().count() <= MAX_CHARACTERS {
        text
    } else {
        text.chars().take(MAX_CHARACTERS).chain("…".chars()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::find_differences;

    #[test]
    fn differences_have_paths_and_values() {
        let old = json!({"instructions": [
            {"name": "list", "args": [{"name": "price", "type": "u32"}]},
            {"name": "gone"},
        ]});
        let new = json!({"instructions": [
            {"name": "list", "args": [{"name": "price", "type": "u64"}]},
            {"name": "fresh"},
        ]});

        assert_eq!(
            find_differences(&old, &new),
            [
                "instructions[list].args[price].type: \"u32\", in the code \"u64\"",
                "instructions[gone]: no longer in the code",
                "instructions[fresh]: new in the code",
                "instructions: different order",
            ]
        );

        assert!(find_differences(&old, &old).is_empty());
    }

    #[test]
    fn plain_lists_compare_whole() {
        let old = json!({"discriminator": [1, 2]});
        let new = json!({"discriminator": [1, 3]});

        assert_eq!(find_differences(&old, &new), ["discriminator: [1,2], in the code [1,3]"]);
    }
}
