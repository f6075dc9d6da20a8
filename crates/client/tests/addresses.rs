//! The seeds in the IDLs derive the addresses that this client derives, and say where each account
//! of each instruction comes from.

use std::{collections::BTreeSet, fs, path::Path};

use nosana_client::{jobs, pda, rewards, staking, token};
use serde_json::Value;
use solana_address::Address;

const PROGRAMS: [(&str, Address); 3] =
    [("jobs", jobs::ID), ("staking", staking::ID), ("rewards", rewards::ID)];
const LOADER: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
/// The value of every argument in seeds.
const NUMBER: u64 = 0x0102_0304_0506_0708;
/// Instructions of the jobs program that the authority of the node signs and that have its stake.
const BY_NODE: [&str; 6] =
    ["claim_seat", "enrol_panelist", "register_node", "release_collateral", "start", "work"];

/// Accounts that a call is about: every caller knows them. Program, account, and what it is.
const SUBJECTS: &[(&str, &str, &str)] = &[
    ("jobs", "job", "the job"),
    ("jobs", "dispute", "the dispute"),
    ("jobs", "market", "the market"),
    ("jobs", "node", "the node to evict or to remove, or the one that has a seat"),
    ("staking", "stake", "the stake of another wallet"),
    ("staking", "delegation", "the delegation"),
    ("rewards", "stream", "the stream"),
    ("rewards", "stake", "the stake whose delegations get a position"),
    ("rewards", "position", "the position"),
];
/// Accounts that a caller has to find or to choose, and why no field and no seeds lead to them.
const FOUND_BY_CALLER: &[(&str, &str, &str)] = &[
    ("jobs", "mint", "the mint of NOS, before there is a configuration"),
    ("jobs", "nos_mint", "only configurations of other programs name the mint of NOS here"),
    ("jobs", "reporter_token", "any token account: the call has no signer who could own it"),
    ("staking", "mint", "the mint of NOS, before there is a configuration"),
    ("staking", "reporter_token", "passed on by the jobs program"),
    ("rewards", "mint", "the mint of NOS, before there is a pool"),
];
/// Most accounts over all instructions that a caller has to find.
const MAX_FOUND: usize = 40;
/// The page that states how many accounts there are of each sort.
const PAGE: &str = include_str!("../../../docs/clients.md");

fn read_idl(program: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl").join(program);
    serde_json::from_str(&fs::read_to_string(path.with_extension("json")).unwrap()).unwrap()
}

/// Every instruction of a program with each of its accounts.
fn list_accounts(idl: &Value) -> Vec<(&str, &Value)> {
    let instructions = idl["instructions"].as_array().unwrap();
    let each = instructions.iter().flat_map(|instruction| {
        let accounts = instruction["accounts"].as_array().unwrap();
        accounts.iter().map(|account| (instruction["name"].as_str().unwrap(), account))
    });
    each.collect()
}

/// Returns a made-up address for an account, or for the address in its field.
fn fake_address(path: &str) -> Address {
    Address::find_program_address(&[path.as_bytes()], &LOADER).0
}

fn to_bytes(value: &Value) -> Vec<u8> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Derives an account by the seeds in its IDL.
fn derive_by_seeds(program: &Address, pda: &Value) -> Address {
    let seeds: Vec<Vec<u8>> = pda["seeds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|seed| match seed["kind"].as_str().unwrap() {
            "const" => to_bytes(&seed["value"]),
            "arg" => NUMBER.to_le_bytes().to_vec(),
            "account" => fake_address(seed["path"].as_str().unwrap()).as_ref().to_vec(),
            other => panic!("{other} is not a kind of seed"),
        })
        .collect();
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    let owner = match pda.get("program") {
        Some(owner) => Address::try_from(to_bytes(&owner["value"]).as_slice()).unwrap(),
        None => *program,
    };

    Address::find_program_address(&seeds, &owner).0
}

/// Derives an account of the jobs program's instructions with this client.
fn derive_in_jobs(instruction: &str, account: &str) -> Address {
    let [market, authority, client] = ["market", "authority", "client"].map(fake_address);
    let (mint, vault_mint) = (fake_address("config.nos_mint"), fake_address("vault.mint"));
    let is_by_node = BY_NODE.contains(&instruction);
    let node_owner = if is_by_node { authority } else { fake_address("node.authority") };

    match account {
        "config" => pda::jobs::config(),
        "market" => pda::jobs::market(&authority, NUMBER),
        "queue" => pda::jobs::queue(&market),
        "vault" => pda::jobs::vault(&market),
        "job" => pda::jobs::job(&client, NUMBER),
        "panelists" => pda::jobs::panelists(),
        "dispute" => pda::jobs::dispute(&fake_address("job"), NUMBER),
        "node" => pda::jobs::node(&authority),
        "stake" => pda::staking::stake(&node_owner),
        "stake_vault" => pda::staking::vault(),
        "position" => pda::rewards::position(&node_owner),
        "delegated_position" => pda::rewards::position(&fake_address("stake")),
        "challenger_token" => token::associated_address(&fake_address("challenger"), &vault_mint),
        "payer_token" if instruction == "extend" => {
            token::associated_address(&fake_address("payer"), &vault_mint)
        }
        "payer_token" => token::associated_address(&fake_address("payer"), &mint),
        "source" if instruction == "open_market" => {
            token::associated_address(&authority, &fake_address("nos_mint"))
        }
        "payout" | "source" => token::associated_address(&authority, &mint),
        "destination" => token::associated_address(&authority, &vault_mint),
        other => panic!("{instruction} derives `{other}`, which this test does not know"),
    }
}

/// Derives an account of the staking program's instructions with this client.
fn derive_in_staking(instruction: &str, account: &str) -> Address {
    let [owner, stake, delegator] = ["owner", "stake", "delegator"].map(fake_address);
    let mint = fake_address("config.nos_mint");
    let is_delegated = instruction.ends_with("_delegated");

    match account {
        "config" => pda::staking::config(),
        "vault" => pda::staking::vault(),
        "stake" => pda::staking::stake(&owner),
        "delegation" => pda::staking::delegation(&stake, &delegator),
        "position" if instruction == "slash" => {
            pda::rewards::position(&fake_address("stake.owner"))
        }
        "position" => pda::rewards::position(&owner),
        "delegated_position" => pda::rewards::position(&stake),
        "pool_vault" => pda::rewards::vault(),
        "source" if instruction == "delegate" => token::associated_address(&delegator, &mint),
        "destination" if is_delegated => {
            token::associated_address(&fake_address("delegation.delegator"), &mint)
        }
        "source" | "destination" => token::associated_address(&owner, &mint),
        other => panic!("{instruction} derives `{other}`, which this test does not know"),
    }
}

/// Derives an account of the rewards program's instructions with this client.
fn derive_in_rewards(instruction: &str, account: &str) -> Address {
    let [owner, stake, authority] = ["owner", "stake", "authority"].map(fake_address);
    let mint = fake_address("pool.nos_mint");

    match account {
        "pool" => pda::rewards::pool(),
        "vault" => pda::rewards::vault(),
        "stream" => pda::rewards::stream(&owner, NUMBER),
        "stake" => pda::staking::stake(&owner),
        "position" => pda::rewards::position(&owner),
        "delegated_position" => pda::rewards::position(&stake),
        "source" if instruction == "fund" => token::associated_address(&authority, &mint),
        "source" | "destination" => token::associated_address(&owner, &mint),
        other => panic!("{instruction} derives `{other}`, which this test does not know"),
    }
}

#[test]
fn seeds_derive_the_addresses_of_this_client() {
    let mut compared = 0;
    for (program, id) in PROGRAMS {
        let idl = read_idl(program);
        for (instruction, account) in list_accounts(&idl) {
            let Some(pda) = account.get("pda") else { continue };
            let name = account["name"].as_str().unwrap();
            let expected = match (program, name) {
                (_, "program_data") => {
                    Address::find_program_address(&[fake_address("program").as_ref()], &LOADER).0
                }
                ("jobs", _) => derive_in_jobs(instruction, name),
                ("staking", _) => derive_in_staking(instruction, name),
                _ => derive_in_rewards(instruction, name),
            };
            assert_eq!(derive_by_seeds(&id, pda), expected, "{program}.{instruction}.{name}");
            compared += 1;
        }
    }
    assert!(compared > 150, "only {compared} accounts have seeds");
}

#[test]
fn callers_name_only_what_a_call_is_about() {
    let mut named = Vec::new();
    let mut all = 0;
    for (program, _) in PROGRAMS {
        let idl = read_idl(program);
        for (instruction, account) in list_accounts(&idl) {
            all += 1;
            let is_true = |key: &str| account[key].as_bool().unwrap_or(false);
            let is_found =
                ["address", "pda", "relations"].iter().any(|key| !account[key].is_null());
            if !(is_found || is_true("signer") || is_true("optional")) {
                let name = account["name"].as_str().unwrap().to_owned();
                named.push((program, instruction.to_owned(), name));
            }
        }
    }
    let is_of = |table: &[(&str, &str, &str)], program: &str, account: &str| {
        table.iter().any(|(of, name, _)| (*of, *name) == (program, account))
    };
    let (subjects, others): (Vec<_>, Vec<_>) =
        named.into_iter().partition(|(program, _, name)| is_of(SUBJECTS, program, name));
    assert!(others.len() <= MAX_FOUND, "{} accounts to be found: {others:?}", others.len());

    let page = PAGE.split_whitespace().collect::<Vec<_>>().join(" ");
    let named =
        format!("Of the {all} accounts of all instructions a caller names {}", subjects.len());
    let found = format!("Another {} have to be found", others.len());
    for stated in [named, found] {
        assert!(page.contains(&stated), "docs/clients.md does not say: {stated}");
    }

    for (table, accounts) in [(SUBJECTS, subjects), (FOUND_BY_CALLER, others)] {
        let found: BTreeSet<_> =
            accounts.iter().map(|(program, _, name)| (*program, name.as_str())).collect();
        let explained: BTreeSet<_> =
            table.iter().map(|(program, name, _)| (*program, *name)).collect();
        assert_eq!(found, explained);
    }
}
