//! Ports as the published schema writes them: a variable's value is a text, and a range is several
//! ports.

use serde_json::Value;

/// The most ports of a range that are listed. An operation has fewer; the excess is refused later.
const MAX_LISTED: u16 = 64;

/// Replaces the ports of all operations that are texts by numbers. Other texts stay, and are
/// refused where ports are checked.
pub(crate) fn read_port_texts(definition: &mut Value) {
    let operations = definition.get_mut("ops").and_then(Value::as_array_mut);

    for operation in operations.into_iter().flatten() {
        let Some(exposed) = operation.pointer_mut("/args/expose") else { continue };

        match exposed {
            Value::Array(ports) => *ports = ports.iter().flat_map(list_ports).collect(),
            Value::String(_) => {
                let mut ports = list_ports(exposed);
                *exposed = match ports.len() {
                    1 => ports.remove(0),
                    _ => ports.into(),
                };
            }
            _ => {}
        }
    }
}

/// The ports that one entry means.
fn list_ports(entry: &Value) -> Vec<Value> {
    let Some(text) = entry.get("port").unwrap_or(entry).as_str() else {
        return vec![entry.clone()];
    };
    let Some((first, last)) = parse_range(text) else { return vec![entry.clone()] };

    let ports = first..=last.min(first.saturating_add(MAX_LISTED));
    ports
        .map(|port| {
            let mut listed = entry.clone();
            match listed.get_mut("port") {
                Some(field) => *field = port.into(),
                None => listed = port.into(),
            }
            listed
        })
        .collect()
}

fn parse_range(text: &str) -> Option<(u16, u16)> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (first, last) = text.split_once('-').unwrap_or((text, text));

    if !is_number(first) || !is_number(last) {
        return None;
    }
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(exposed: Value) -> Value {
        let mut definition = json!({ "ops": [{ "args": { "expose": exposed } }] });
        read_port_texts(&mut definition);
        definition["ops"][0]["args"]["expose"].take()
    }

    #[test]
    fn texts_become_numbers_and_ranges_become_lists() {
        for (written, expected) in [
            (json!(80), json!(80)),
            (json!("80"), json!(80)),
            (json!("80-82"), json!([80, 81, 82])),
            (json!(["80", 90, "91-92"]), json!([80, 90, 91, 92])),
            (
                json!([{ "port": "80-81", "name": "a" }]),
                json!([{ "port": 80, "name": "a" }, { "port": 81, "name": "a" }]),
            ),
        ] {
            assert_eq!(read(written.clone()), expected, "{written}");
        }
        for other in [json!("http"), json!("-80"), json!("82-80"), json!("70000"), json!([{}])] {
            assert_eq!(read(other.clone()).as_str(), other.as_str(), "{other}");
        }
        assert_eq!(read(json!("1-65535")).as_array().unwrap().len(), 65);
    }
}
