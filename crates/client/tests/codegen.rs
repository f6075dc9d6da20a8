//! The generator rejects what it could only get wrong.

#[path = "../codegen/mod.rs"]
mod codegen;

use anyhow::Result;
use serde_json::{Value, json};

/// Generates the client of the fixture after a change to its IDL.
fn changed_source(change: impl FnOnce(&mut Value)) -> Result<String> {
    codegen::generate_source(&codegen::parse_idl(&changed_idl(change))?)
}

fn changed_idl(change: impl FnOnce(&mut Value)) -> String {
    let mut idl: Value = serde_json::from_str(include_str!("fixtures/tiny/idl.json")).unwrap();
    change(&mut idl);
    idl.to_string()
}

fn rejection(change: impl FnOnce(&mut Value)) -> String {
    format!("{:#}", changed_source(change).unwrap_err())
}

#[test]
fn the_fixture_is_accepted() {
    changed_source(|_| ()).unwrap();
}

#[test]
fn rejects_unknown_layouts() {
    let generic =
        rejection(|idl| idl["types"][0]["generics"] = json!([{"kind": "type", "name": "T"}]));
    assert!(generic.contains("`Inner` is generic"), "{generic}");
    let padded = rejection(|idl| idl["types"][0]["serialization"] = json!("bytemuckunsafe"));
    assert!(padded.contains("padding"), "{padded}");
    let float = rejection(|idl| idl["instructions"][0]["args"][0]["type"] = json!("f64"));
    assert!(float.contains("`list`") && float.contains("F64"), "{float}");
}

#[test]
fn rejects_undefined_types() {
    let missing = rejection(|idl| {
        idl["instructions"][0]["args"][0]["type"] = json!({"defined": {"name": "Nowhere"}})
    });
    assert!(missing.contains("does not define `Nowhere`"), "{missing}");
    let other = rejection(|idl| idl["metadata"]["spec"] = json!("0.2.0"));
    assert!(other.contains("0.2.0"), "{other}");
    assert!(codegen::parse_idl("{}").is_err());
}

#[test]
fn rejects_colliding_names() {
    let twice = rejection(|idl| {
        let accounts = idl["instructions"][0]["accounts"].as_array_mut().unwrap();
        let first = accounts[0].clone();
        accounts.push(first);
    });
    assert!(twice.contains("two accounts are named `payer`"), "{twice}");
}

#[test]
fn grouped_accounts_begin_with_the_group_name() {
    let group = json!({"name": "inner", "accounts": [{"name": "payer", "signer": true}]});
    let source = changed_source(|idl| {
        idl["instructions"][0]["accounts"].as_array_mut().unwrap().push(group)
    });
    assert!(source.unwrap().contains("pub inner_payer:"));
}

#[test]
fn an_argument_may_have_the_name_of_an_account() {
    let source = changed_source(|idl| idl["instructions"][0]["args"][0]["name"] = json!("payer"));
    assert!(source.unwrap().contains("pub payer_arg: u64"));
}

#[test]
fn numbers_and_tails_keep_their_form_in_rust() {
    let defined = |name: &str| json!({"defined": {"name": name}});
    let mut idl = codegen::parse_idl(&changed_idl(|idl| {
        let variants = json!([{"name": "Queued"}, {"name": "Settled"}]);
        let types = idl["types"].as_array_mut().unwrap();
        types.push(json!({"name": "JobState", "type": {"kind": "enum", "variants": variants}}));
        let fields = json!([
            {"name": "state", "type": defined("JobState")},
            {"name": "cells", "type": {"vec": "u8"}},
        ]);
        let queue = types.iter_mut().find(|def| def["name"] == "QueueHeader").unwrap();
        queue["type"]["fields"] = fields;
        idl["instructions"][0]["args"][0]["type"] = defined("JobState");
    }))
    .unwrap();
    codegen::keep_rust_forms(&mut idl);

    let source = codegen::generate_source(&idl).unwrap();
    assert!(source.contains("pub state: u8"));
    assert!(source.contains("pub const STATE_OFFSET: usize = 8usize"));
    assert!(!source.contains("JobState") && !source.contains("cells"));
}
