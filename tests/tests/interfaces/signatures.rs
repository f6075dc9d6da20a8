//! The table of the signatures that programs pass on, against the IDLs.

use std::collections::BTreeSet;

use super::sources::{read_file, read_idl, text_between};

/// A program, one of its instructions, and the account of a program that the instruction calls.
type Call = (String, String, String);

/// Programs among the accounts of an instruction that passes them on and does not call them itself.
const PASSED_ON: [(&str, &str, &str); 5] = [
    ("jobs", "close_seat", "rewards_program"),
    ("jobs", "expire_match", "rewards_program"),
    ("jobs", "resolve", "rewards_program"),
    ("staking", "compound", "token_program"),
    ("staking", "undelegate", "token_program"),
];

fn call(program: &str, instruction: &str, callee: &str) -> Call {
    (program.to_owned(), instruction.to_owned(), callee.to_owned())
}

/// Returns the calls that the table names: callers in the first column, the callee in the second.
fn read_table() -> BTreeSet<Call> {
    let document = read_file("docs/AUTHORITIES.md");
    let title = "### Which signature goes where";
    let table = text_between(&document, title, "### Who depends");
    let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);

    let mut calls = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (program, instructions) = cells[1].split_once(": ").expect("a program and its callers");
        let callee = cells[2].split([' ', ':']).next().expect("a program");
        for instruction in instructions.split('`').skip(1).step_by(2) {
            calls.insert(call(program, instruction, &format!("{callee}_program")));
        }
    }
    calls
}

/// Returns the calls that the accounts of all instructions make possible.
fn read_idls() -> BTreeSet<Call> {
    let mut calls = BTreeSet::new();
    for program in ["jobs", "staking", "rewards"] {
        let idl = read_idl(program);
        for instruction in idl["instructions"].as_array().expect("instructions") {
            let name = instruction["name"].as_str().expect("a name");
            let accounts = instruction["accounts"].as_array().expect("accounts");
            let accounts = accounts.iter().map(|account| account["name"].as_str().expect("a name"));
            let callees = accounts.filter(|account| account.ends_with("_program"));
            calls.extend(callees.map(|callee| call(program, name, callee)));
        }
    }
    calls
}

#[test]
fn the_auditors_table_names_every_instruction_that_calls_a_program() {
    let named = read_table();
    let passed_on: BTreeSet<Call> =
        PASSED_ON.iter().map(|(program, name, callee)| call(program, name, callee)).collect();
    assert!(named.is_disjoint(&passed_on), "the table names what is only passed on");

    let expected: BTreeSet<Call> = read_idls().difference(&passed_on).cloned().collect();
    let missing: Vec<&Call> = expected.difference(&named).collect();
    let wrong: Vec<&Call> = named.difference(&expected).collect();
    assert!(missing.is_empty(), "docs/AUTHORITIES.md does not name {missing:?}");
    assert!(wrong.is_empty(), "docs/AUTHORITIES.md names {wrong:?}, which cannot call it");
}
