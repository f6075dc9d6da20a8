//! What the programs hard-code about each other equals their IDLs: addresses,
//! discriminators, and the order and rights of accounts in the calls that are built by hand.

use std::{
    fs,
    path::{Path, PathBuf},
};

use nosana_client::{jobs, pda, rewards, staking, token};
use nosana_protocol::seeds;
use serde_json::Value;
use solana_address::Address;

/// Returns a path of the repository.
fn repository_path(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Reads a file of the repository.
fn read_file(path: &str) -> String {
    let file = repository_path(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Reads all source files of a folder, so that constants are found in any of them.
fn read_sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();

    let mut sources = String::new();
    for path in paths {
        if path.is_dir() {
            sources += &read_sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources += &fs::read_to_string(&path).expect("a source file");
        }
    }
    sources
}

/// Reads all source files of a program, and of what the programs share.
fn read_program_sources(program: &str) -> String {
    let program = read_sources(&repository_path(&format!("programs/{program}/src")));
    program + &read_sources(&repository_path("crates/program-common/src"))
}

fn read_idl(program: &str) -> Value {
    serde_json::from_str(&read_file(&format!("idl/{program}.json"))).expect("JSON")
}

fn find_instruction(program: &str, name: &str) -> Value {
    let idl = read_idl(program);
    let all = idl["instructions"].as_array().expect("instructions");
    all.iter()
        .find(|it| it["name"] == name)
        .unwrap_or_else(|| panic!("{program} has no {name}"))
        .clone()
}

/// Returns the text between `before` and `after` in a source file.
fn text_between<'a>(source: &'a str, before: &str, after: &str) -> &'a str {
    let start =
        source.find(before).unwrap_or_else(|| panic!("there is no `{before}`")) + before.len();
    let rest = &source[start..];
    &rest[..rest.find(after).unwrap_or_else(|| panic!("there is no `{after}` after `{before}`"))]
}

/// The eight bytes of a constant.
fn constant_bytes(source: &str, constant: &str) -> Vec<u8> {
    let list = text_between(source, &format!("pub const {constant}: [u8; 8] = ["), "]");
    list.split(',').map(|byte| byte.trim().parse().expect("a byte")).collect()
}

/// The address of a constant, which may be on a line of its own.
fn constant_address(source: &str, constant: &str) -> Address {
    let value = text_between(source, &format!("pub const {constant}: Address ="), ";");
    text_between(value, "from_str_const(\"", "\")").parse().expect("an address")
}

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
        ("pool_vault", "w"),
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
        ("staking", "slash", &slash, &["u64", "u8"]),
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
            arguments.iter().map(|it| Value::from(*it)).collect::<Vec<_>>(),
            "{program}.{name}"
        );
    }
}

#[test]
fn addresses_are_the_same_everywhere() {
    let ids = read_file("crates/program-common/src/ids.rs");
    let table = [
        ("jobs", "JOBS", jobs::ID),
        ("staking", "STAKING", staking::ID),
        ("rewards", "REWARDS", rewards::ID),
    ];
    let anchor = read_file("Anchor.toml");
    for (program, constant, client) in table {
        assert_eq!(constant_address(&ids, constant), client, "{constant} in ids.rs");
        let declared = read_file(&format!("programs/{program}/src/lib.rs"));
        assert_eq!(
            text_between(&declared, "declare_id!(\"", "\")"),
            client.to_string(),
            "declare_id! of {program}"
        );
        assert_eq!(read_idl(program)["address"], client.to_string(), "the IDL of {program}");
        assert!(anchor.contains(&client.to_string()), "Anchor.toml names {program}");
    }
    assert_eq!(constant_address(&ids, "TOKEN"), token::PROGRAM);
    let derived = [
        ("JOBS_AUTHORITY", pda::jobs::authority()),
        ("STAKING_CONFIG", pda::staking::config()),
        ("POOL", pda::rewards::pool()),
        ("POOL_VAULT", pda::rewards::vault()),
    ];
    for (constant, address_of) in derived {
        assert_eq!(constant_address(&ids, constant), address_of, "{constant} in ids.rs");
    }
    let (_, bump) = Address::find_program_address(&[seeds::AUTHORITY], &jobs::ID);
    assert_eq!(text_between(&ids, "pub const JOBS_AUTHORITY_BUMP: u8 = ", ";"), bump.to_string());
    let common = read_sources(&repository_path("crates/program-common/src"));
    let loader = constant_address(&common, "LOADER");
    assert_eq!(loader, nosana_tests::programs::LOADER);
}

#[test]
fn only_staking_lists_the_stake() {
    for program in ["jobs", "staking", "rewards"] {
        let idl = read_idl(program);
        let lists = ["accounts", "types"].map(|key| idl[key].as_array().expect("a list").clone());
        for list in lists {
            let is_listed = list.iter().any(|it| it["name"] == "Stake");
            assert_eq!(is_listed, program == "staking", "{program}");
        }
    }
}

#[test]
fn error_numbers_of_the_programs_do_not_meet() {
    let ranges = [("jobs", 6000..=6099), ("staking", 6100..=6199), ("rewards", 6200..=6299)];
    for (program, range) in ranges {
        let idl = read_idl(program);
        let errors = idl["errors"].as_array().expect("errors");
        assert_eq!(errors[0]["code"], *range.start(), "the first error of {program}");
        for error in errors {
            let code = error["code"].as_u64().expect("a number");
            assert!(range.contains(&code), "{} of {program} is {code}", error["name"]);
        }
        assert_documented(program, errors);
    }
}

/// Fails unless the program's document has each error with its number.
fn assert_documented(program: &str, errors: &[Value]) {
    let document = read_file(&format!("docs/{program}.md"));
    if !document.contains("| number | error |") {
        return;
    }
    for error in errors {
        let row = format!("| {} | `{}` |", error["code"], error["name"].as_str().expect("a name"));
        assert!(document.contains(&row), "docs/{program}.md lacks `{row}`");
    }
}

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
    for name in ["Config", "Market", "MarketTerms", "QueueHeader", "Job", "Node", "Slot"] {
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
