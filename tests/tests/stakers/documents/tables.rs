//! The tables of layouts, instructions, errors and events, against the IDLs.

use serde_json::Value;

use super::parse::{cells, read};

fn idl(program: &str) -> Value {
    serde_json::from_str(&read(&format!("idl/{program}.json"))).expect("JSON")
}

/// Bytes of a field's type.
fn byte_size(ty: &Value) -> usize {
    if let Some(array) = ty["array"].as_array() {
        return byte_size(&array[0]) * array[1].as_u64().expect("a length") as usize;
    }
    match ty.as_str() {
        Some("u8") => 1,
        Some("u16") => 2,
        Some("u64" | "i64") => 8,
        Some("pubkey") => 32,
        Some("u128") => 16,
        // `PodU128`: sixteen bytes without alignment.
        _ if ty["defined"]["name"] == "PodU128" => 16,
        other => panic!("{other:?} is not expected here: {ty}"),
    }
}

#[test]
fn the_tables_name_every_byte_instruction_error_and_event() {
    for (program, accounts) in [
        ("staking", &["Config", "Stake", "Delegation"][..]),
        ("rewards", &["Pool", "Position", "Stream"]),
    ] {
        let document = read(&format!("docs/{program}.md"));
        let idl = idl(program);
        for name in accounts {
            let title = format!("### {name}: ");
            let body =
                document.split(&title).nth(1).unwrap_or_else(|| panic!("there is no {title}"));
            let mut rows = body.lines().filter(|line| line.starts_with('|')).map(cells).skip(2);
            assert_eq!(rows.next().expect("a row")[..3], ["0", "8", "discriminator"], "{name}");
            let types = idl["types"].as_array().expect("types");
            let layout = types.iter().find(|it| it["name"] == *name).expect("a type");
            let mut offset = 8;
            for field in layout["type"]["fields"].as_array().expect("fields") {
                let bytes = byte_size(&field["type"]);
                let title = format!("`{}`", field["name"].as_str().expect("a name"));
                let row = rows.next().unwrap_or_else(|| panic!("{name} lacks {title}"));
                assert_eq!(row[..3], [offset.to_string(), bytes.to_string(), title], "{name}");
                offset += bytes;
            }
            assert_eq!(
                rows.next().map(|row| row[0]),
                Some(offset.to_string().as_str()),
                "the end of {name}"
            );
        }
        for kind in ["instructions", "errors", "events"] {
            for item in idl[kind].as_array().expect("a list") {
                let name = item["name"].as_str().expect("a name");
                assert!(
                    document.contains(&format!("`{name}`")),
                    "docs/{program}.md does not name {kind} {name}"
                );
            }
        }
    }
}
