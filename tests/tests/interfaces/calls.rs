//! Calls that one program builds by hand for another: discriminators, and the order and rights of
//! accounts.

use nosana_client::{rewards, staking};
use serde_json::{Value, json};

use super::sources::{constant_bytes, find_instruction, read_program_sources};

#[test]
fn discriminators_that_are_built_by_hand() {
    let jobs_program = read_program_sources("jobs");
    let staking_program = read_program_sources("staking");
    let table = [
        (&jobs_program, "LOCK", "staking", "lock", staking::instructions::Lock::DISCRIMINATOR),
        (
            &jobs_program,
            "RELEASE",
            "staking",
            "release",
            staking::instructions::Release::DISCRIMINATOR,
        ),
        (&jobs_program, "SLASH", "staking", "slash", staking::instructions::Slash::DISCRIMINATOR),
        (&staking_program, "SYNC", "rewards", "sync", rewards::instructions::Sync::DISCRIMINATOR),
        (
            &staking_program,
            "CLAIM",
            "rewards",
            "claim",
            rewards::instructions::Claim::DISCRIMINATOR,
        ),
        (
            &staking_program,
            "HARVEST",
            "rewards",
            "harvest",
            rewards::instructions::Harvest::DISCRIMINATOR,
        ),
    ];
    for (source, constant, program, name, client) in table {
        let idl: Vec<u8> =
            serde_json::from_value(find_instruction(program, name)["discriminator"].clone())
                .expect("bytes");
        assert_eq!(constant_bytes(source, constant), idl, "{constant}");
        assert_eq!(client, idl, "{constant} in the client");
    }
}

/// Returns a type as an IDL has it.
fn type_value(name: &str) -> Value {
    match name.strip_prefix("option ") {
        Some(inner) => json!({ "option": inner }),
        None => Value::from(name),
    }
}

/// A program, its instruction, the accounts with their rights, and the types of the arguments.
type Call<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

#[test]
fn accounts_of_the_calls_that_are_built_by_hand() {
    // r: read, w: written, s: signs.
    let lock = [("jobs_authority", "s"), ("stake", "w")];
    let slash = [
        ("jobs_authority", "s"),
        ("config", "r"),
        ("stake", "w"),
        ("vault", "w"),
        ("pool", "w"),
        ("nos_mint", "w"),
        ("position", "w"),
        ("delegated_position", "w"),
        ("reporter_token", "w"),
        ("rewards_program", "r"),
        ("token_program", "r"),
    ];
    let sync = [("pool", "w"), ("position", "w"), ("stake", "r")];
    let claim = [
        ("owner", "s"),
        ("pool", "w"),
        ("position", "w"),
        ("stake", "r"),
        ("vault", "w"),
        ("destination", "w"),
        ("token_program", "r"),
    ];
    let harvest = [
        ("owner", "s"),
        ("pool", "w"),
        ("position", "w"),
        ("stake", "r"),
        ("vault", "w"),
        ("destination", "w"),
        ("token_program", "r"),
    ];
    let table: [Call; 6] = [
        ("staking", "lock", &lock, &["u64"]),
        ("staking", "release", &lock, &["u64"]),
        ("staking", "slash", &slash, &["u64", "u8", "option u64"]),
        ("rewards", "sync", &sync, &[]),
        ("rewards", "claim", &claim, &[]),
        ("rewards", "harvest", &harvest, &[]),
    ];
    for (program, name, accounts, arguments) in table {
        let idl = find_instruction(program, name);
        let found = idl["accounts"].as_array().expect("accounts").iter().map(|account| {
            let right = |right: &str| account[right].as_bool().unwrap_or(false);
            let rights = match (right("signer"), right("writable")) {
                (true, false) => "s",
                (true, true) => "sw",
                (false, true) => "w",
                (false, false) => "r",
            };
            (account["name"].as_str().expect("a name").to_owned(), rights)
        });
        let expected: Vec<_> =
            accounts.iter().map(|(name, rights)| ((*name).to_owned(), *rights)).collect();
        assert_eq!(found.collect::<Vec<_>>(), expected, "{program}.{name}");
        let types: Vec<_> = idl["args"]
            .as_array()
            .expect("arguments")
            .iter()
            .map(|it| it["type"].clone())
            .collect();
        assert_eq!(
            types,
            arguments.iter().map(|it| type_value(it)).collect::<Vec<_>>(),
            "{program}.{name}"
        );
    }
}
