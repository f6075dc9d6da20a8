//! The instructions as the IDLs describe them.

use std::sync::LazyLock;

use serde_json::Value;

use super::Program;

/// The IDLs as they are committed.
static IDLS: LazyLock<[Vec<Described>; 3]> = LazyLock::new(|| {
    [
        include_str!("../../../idl/jobs.json"),
        include_str!("../../../idl/staking.json"),
        include_str!("../../../idl/rewards.json"),
    ]
    .map(read_instructions)
});

/// An instruction of an IDL.
struct Described {
    name: String,
    discriminator: Vec<u8>,
    accounts: Vec<String>,
}

fn read_instructions(idl: &str) -> Vec<Described> {
    let idl: Value = serde_json::from_str(idl).expect("the IDL is JSON");
    let all = idl["instructions"].as_array().expect("the IDL has instructions");
    let text = |value: &Value| value["name"].as_str().expect("it has a name").to_owned();

    all.iter()
        .map(|it| Described {
            name: text(it),
            discriminator: serde_json::from_value(it["discriminator"].clone()).expect("bytes"),
            accounts: it["accounts"].as_array().expect("accounts").iter().map(text).collect(),
        })
        .collect()
}

fn described(program: Program) -> &'static [Described] {
    &IDLS[program as usize]
}

/// The names of a program's instructions.
pub fn instruction_names(program: Program) -> Vec<&'static str> {
    described(program).iter().map(|it| it.name.as_str()).collect()
}

/// The name of the instruction that this data calls.
pub fn instruction_name(program: Program, data: &[u8]) -> Option<&'static str> {
    let found = described(program).iter().find(|it| data.starts_with(&it.discriminator));
    found.map(|it| it.name.as_str())
}

/// The names of an instruction's accounts, in order.
pub fn account_names(program: Program, instruction: &str) -> &'static [String] {
    let found = described(program).iter().find(|it| it.name == instruction);
    &found.unwrap_or_else(|| panic!("{program:?} has no {instruction}")).accounts
}
