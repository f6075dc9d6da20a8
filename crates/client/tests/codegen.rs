//! What the generator refuses: whatever it could only get wrong.

#[path = "../codegen/mod.rs"]
mod codegen;

use anyhow::Result;
use serde_json::{Value, json};

/// The client of the fixture, one part of which is replaced.
fn source(change: impl FnOnce(&mut Value)) -> Result<String> {
    codegen::source(&codegen::parse(&with(change))?, &[])
}

fn with(change: impl FnOnce(&mut Value)) -> String {
    let mut idl: Value = serde_json::from_str(include_str!("fixtures/tiny/idl.json")).unwrap();
    change(&mut idl);
    idl.to_string()
}

fn refusal(change: impl FnOnce(&mut Value)) -> String {
    format!("{:#}", source(change).unwrap_err())
}

#[test]
fn the_fixture_itself_is_fine() {
    source(|_| ()).unwrap();
}

#[test]
fn refuses_layouts_that_it_does_not_know() {
    let generic =
        refusal(|idl| idl["types"][0]["generics"] = json!([{"kind": "type", "name": "T"}]));
    assert!(generic.contains("`Inner` is generic"), "{generic}");
    let padded = refusal(|idl| idl["types"][0]["serialization"] = json!("bytemuckunsafe"));
    assert!(padded.contains("padding"), "{padded}");
    let float = refusal(|idl| idl["instructions"][0]["args"][0]["type"] = json!("f64"));
    assert!(float.contains("`list`") && float.contains("F64"), "{float}");
}

#[test]
fn refuses_what_is_not_defined() {
    let missing = refusal(|idl| {
        idl["instructions"][0]["args"][0]["type"] = json!({"defined": {"name": "Nowhere"}})
    });
    assert!(missing.contains("does not define `Nowhere`"), "{missing}");
    let other = refusal(|idl| idl["metadata"]["spec"] = json!("0.2.0"));
    assert!(other.contains("0.2.0"), "{other}");
    assert!(codegen::parse("{}").is_err());
}

#[test]
fn refuses_names_that_would_collide() {
    let twice = refusal(|idl| {
        let accounts = idl["instructions"][0]["accounts"].as_array_mut().unwrap();
        let first = accounts[0].clone();
        accounts.push(first);
    });
    assert!(twice.contains("two accounts are named `payer`"), "{twice}");
}

#[test]
fn groups_of_accounts_carry_their_name() {
    let group = json!({"name": "inner", "accounts": [{"name": "payer", "signer": true}]});
    let source =
        source(|idl| idl["instructions"][0]["accounts"].as_array_mut().unwrap().push(group));
    assert!(source.unwrap().contains("pub inner_payer:"));
}

#[test]
fn an_argument_may_be_named_like_an_account() {
    let source = source(|idl| idl["instructions"][0]["args"][0]["name"] = json!("payer"));
    assert!(source.unwrap().contains("pub payer_arg: u64"));
}

#[test]
fn accounts_of_other_programs_are_theirs() {
    let own = codegen::parse(&with(|_| ())).unwrap();
    let source = codegen::source(&own, &[("Job", "staking")]).unwrap();
    assert!(source.contains("pub use crate::generated::staking::accounts::Job;"));
    assert!(!source.contains("pub struct Job "));

    codegen::same_account("Job", &own, &own).unwrap();
    assert!(codegen::same_account("Nowhere", &own, &own).is_err());
    let field = json!({"name": "extra", "type": "u8"});
    let changed = with(|idl| idl["types"][1]["type"]["fields"].as_array_mut().unwrap().push(field));
    let refused =
        codegen::same_account("Job", &own, &codegen::parse(&changed).unwrap()).unwrap_err();
    assert!(refused.to_string().contains("another layout"), "{refused}");
}
