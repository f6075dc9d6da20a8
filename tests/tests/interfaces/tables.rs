//! The auditors' tables of bytes and instructions.

use serde_json::Value;

use super::sources::{read_file, read_idl, text_between};

/// Bytes of a type in an IDL whose accounts are plain memory.
fn byte_size(types: &[Value], ty: &Value) -> usize {
    if let Some(array) = ty["array"].as_array() {
        return byte_size(types, &array[0]) * array[1].as_u64().expect("a length") as usize;
    }
    if let Some(name) = ty["defined"]["name"].as_str() {
        if find_type(types, name)["kind"] == "enum" {
            return 1;
        }
        return type_fields(types, name).iter().map(|field| byte_size(types, &field["type"])).sum();
    }
    match ty.as_str().expect("a simple type") {
        "u8" => 1,
        "u16" => 2,
        "u32" => 4,
        "u64" | "i64" => 8,
        "pubkey" => 32,
        other => panic!("{other} is not expected here"),
    }
}

fn find_type<'a>(types: &'a [Value], name: &str) -> &'a Value {
    let found = types.iter().find(|it| it["name"] == name);
    &found.unwrap_or_else(|| panic!("there is no {name}"))["type"]
}

/// Returns the fields of a type, without the vector that may end an account.
fn type_fields(types: &[Value], name: &str) -> Vec<Value> {
    let fields = find_type(types, name)["fields"].as_array().expect("fields");
    fields.iter().filter(|field| field["type"].get("vec").is_none()).cloned().collect()
}

#[test]
fn the_queue_of_the_idl_is_the_one_of_the_program() {
    let idl = read_idl("jobs");
    let types = idl["types"].as_array().expect("types");
    let last = find_type(types, "QueueHeader")["fields"].as_array().expect("fields").last();
    assert_eq!(last.expect("a field")["type"]["vec"]["defined"]["name"], "QueueCell");

    let cell: usize =
        type_fields(types, "QueueCell").iter().map(|it| byte_size(types, &it["type"])).sum();
    let header: usize =
        type_fields(types, "QueueHeader").iter().map(|it| byte_size(types, &it["type"])).sum();
    let capacity_bytes = 4;
    for cells in [0, 3] {
        let size = 8 + header + capacity_bytes + cells * cell;
        assert_eq!(nosana_client::Queue::account_size(cells), size, "{cells} cells");
    }
}

#[test]
fn the_auditors_tables_say_where_every_byte_is() {
    let document = read_file("docs/jobs.md");
    let idl = read_idl("jobs");
    let types = idl["types"].as_array().expect("types");
    for name in [
        "Config",
        "Market",
        "MarketTerms",
        "QueueHeader",
        "Job",
        "Node",
        "Endpoint",
        "SocketAddress",
        "Slot",
        "Panelists",
        "Dispute",
        "Seat",
    ] {
        let section = text_between(&document, &format!("### {name}: "), "| end |");
        let rows: Vec<Vec<&str>> =
            section.lines().map(|line| line.split('|').map(str::trim).collect()).collect();
        let mut rows = rows.iter().filter(|row| row.len() > 4 && row[1].parse::<usize>().is_ok());
        let is_account = idl["accounts"]
            .as_array()
            .expect("accounts")
            .iter()
            .any(|account| account["name"] == name);
        let mut offset = 0;
        if is_account {
            assert_eq!(rows.next().expect("a row")[1..4], ["0", "8", "discriminator"], "{name}");
            offset = 8;
        }
        for field in type_fields(types, name) {
            let bytes = byte_size(types, &field["type"]);
            let title = format!("`{}`", field["name"].as_str().expect("a name"));
            let row = rows.next().unwrap_or_else(|| panic!("{name} lacks {title}"));
            assert_eq!(row[1..4], [offset.to_string(), bytes.to_string(), title], "{name}");
            offset += bytes;
        }
        assert_eq!(
            rows.next().map(|row| row[1]),
            Some(offset.to_string().as_str()),
            "the end of {name}"
        );
    }
}

#[test]
fn the_auditors_table_names_every_instruction() {
    let document = read_file("docs/jobs.md");
    let idl = read_idl("jobs");
    let table = text_between(&document, "## Instructions", "## Invariants");
    for instruction in idl["instructions"].as_array().expect("instructions") {
        let name = instruction["name"].as_str().expect("a name");
        assert!(table.contains(&format!("`{name}`")), "docs/jobs.md does not name {name}");
    }
}
