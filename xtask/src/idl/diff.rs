//! Differences between two IDLs, by the names that a reader knows.

use serde_json::Value;

/// Every difference, as `path: old, in the code new`.
pub fn find_differences(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare_values("", old, new, &mut found);
    found
}

/// Compares two values that stand at the same place.
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
            let names = a.iter().chain(b).filter_map(name_of);
            let mut seen: Vec<&str> = Vec::new();
            for each in names {
                if !seen.contains(&each) {
                    seen.push(each);
                    let pick = |list: &'_ [Value]| {
                        list.iter().position(|item| name_of(item) == Some(each))
                    };
                    let at = format!("{path}[{each}]");
                    compare_optional(
                        &at,
                        pick(a).and_then(|i| a.get(i)),
                        pick(b).and_then(|i| b.get(i)),
                        found,
                    );
                }
            }
            if a.len() == b.len() && a.iter().zip(b).any(|(a, b)| name_of(a) != name_of(b)) {
                found.push(format!("{path}: another order"));
            }
        }
        _ => found.push(format!(
            "{path}: {}, in the code {}",
            abbreviate_value(old),
            abbreviate_value(new)
        )),
    }
}

/// Compares what may be missing on one side.
fn compare_optional(path: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<String>) {
    match (old, new) {
        (Some(old), Some(new)) => compare_values(path, old, new, found),
        (Some(_), None) => found.push(format!("{path}: no longer in the code")),
        (None, Some(_)) => found.push(format!("{path}: new in the code")),
        (None, None) => {}
    }
}

/// Whether all items of a list have names.
fn all_named(list: &[Value]) -> bool {
    list.iter().all(|item| name_of(item).is_some())
}

fn name_of(item: &Value) -> Option<&str> {
    item.get("name").and_then(Value::as_str)
}

/// A value short enough for a line.
fn abbreviate_value(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        text
    } else {
        text.chars().take(LONGEST).chain("…".chars()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::find_differences;

    #[test]
    fn says_where_and_what() {
        let old = json!({"instructions": [{"name": "list", "args": [{"name": "price", "type": "u32"}]}, {"name": "gone"}]});
        let new = json!({"instructions": [{"name": "list", "args": [{"name": "price", "type": "u64"}]}, {"name": "fresh"}]});
        assert_eq!(
            find_differences(&old, &new),
            [
                "instructions[list].args[price].type: \"u32\", in the code \"u64\"",
                "instructions[gone]: no longer in the code",
                "instructions[fresh]: new in the code",
                "instructions: another order",
            ]
        );
        assert!(find_differences(&old, &old).is_empty());
    }

    #[test]
    fn plain_lists_compare_whole() {
        let (old, new) = (json!({"discriminator": [1, 2]}), json!({"discriminator": [1, 3]}));
        assert_eq!(find_differences(&old, &new), ["discriminator: [1,2], in the code [1,3]"]);
    }
}
