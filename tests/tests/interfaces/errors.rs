//! Numbers of errors, and accounts that the IDLs list.

use serde_json::Value;

use super::sources::{read_file, read_idl};

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
