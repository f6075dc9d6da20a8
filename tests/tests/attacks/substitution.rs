//! Every account of every instruction is replaced by every other account there is, signatures
//! included. What goes through is what the instruction leaves to its sender, and nothing else.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::stage::{Stage, put};

/// The accounts that a sender may choose, and why that harms nobody.
const FREE: &[(&str, &str)] = &[
    // Whoever signs here acts for themselves, with accounts of their own.
    ("expire_run", "authority"),
    ("grow_queue", "payer"),
    ("settle", "authority"),
    ("close_stream", "authority"),
    ("enter_delegated", "payer"),
    // The owner of the stake in the delegator's place: both may.
    ("close_delegation", "authority"),
    // The stake's other position: that of what is delegated to it. Anyone may settle either.
    ("sync", "position"),
    // Who proves a fault says where the reward goes.
    ("expire_match", "reporter_token"),
    // Not read: nothing is delegated to this stake.
    ("expire_match", "delegated_position"),
    // Nothing is paid to it: the stream is at its end.
    ("close_stream", "destination"),
    // Anyone may drip any stream.
    // The signer's own money, to any account of NOS.
    ("exit", "destination"),
    ("close_market", "destination"),
    ("collect", "destination"),
    ("claim", "destination"),
    ("claim_commission", "destination"),
    ("harvest", "destination"),
    ("withdraw", "destination"),
    // Another job of the same client on the same node.
    ("finish", "job"),
    ("quit", "job"),
    ("start", "job"),
    ("stop", "job"),
    ("extend", "job"),
    // Another market of the same authority.
    ("propose_market_authority", "market"),
    ("propose_terms", "market"),
    ("retire_market", "market"),
    // Not read: this market asks for no token of a collection.
    ("start", "access_metadata"),
    ("start", "access_token"),
    ("work", "access_metadata"),
    ("work", "access_token"),
    // A gift, to whom the sender likes.
    ("top_up", "job"),
    // Not asked: the payer collects here, not the node.
    ("collect", "node"),
];

/// The names of an instruction's accounts.
fn names(program: &str, instruction: &str) -> Vec<String> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../idl").join(program).with_extension("json");
    let idl: Value =
        serde_json::from_str(&fs::read_to_string(file).expect("the IDL")).expect("JSON");
    let all = idl["instructions"].as_array().expect("instructions");
    let found = all.iter().find(|it| it["name"] == instruction).expect("the instruction");
    let accounts = found["accounts"].as_array().expect("accounts");
    accounts.iter().map(|account| account["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn an_account_can_only_be_replaced_where_that_harms_nobody() {
    let stage = Stage::new().await;
    let accounts = stage.accounts().await;
    let (mut tried, mut through) = (0, BTreeSet::new());
    for (program, name, instruction) in stage.instructions().await {
        if let Err(failure) = stage.world.would(&instruction) {
            panic!(
                "{name} itself does not go through: {}\n{}",
                failure.refusal(),
                failure.logs.join("\n")
            );
        }
        let names = names(program, name);
        assert_eq!(names.len(), instruction.accounts.len(), "{name}");
        for (place, account) in names.into_iter().enumerate() {
            for other in
                accounts.iter().filter(|other| **other != instruction.accounts[place].pubkey)
            {
                tried += 1;
                if stage.world.would(&put(&instruction, place, *other)).is_ok() {
                    through.insert((name, account.clone()));
                }
            }
        }
    }
    let through: Vec<_> = through.iter().map(|(name, account)| (*name, account.as_str())).collect();
    let mut free = FREE.to_vec();
    free.sort();
    assert!(tried > 5_000, "only {tried}");
    assert_eq!(through, free, "of {tried}");
}
