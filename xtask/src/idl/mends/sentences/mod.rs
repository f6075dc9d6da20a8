//! Documentation in sentences for callers, where the programs' code has none: arguments, whose doc
//! comments Anchor does not read, and accounts and fields whose names are enough in the code.
//!
//! | module | content |
//! | --- | --- |
//! | `arguments`, `accounts`, `fields` | the sentences |

mod accounts;
mod arguments;
mod fields;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::names::name_of;

/// Owners, separated by spaces, the name of what they own, and the sentence. An owner is
/// `program.instruction` or `program.Type`; `*` means any.
pub type Sentence = (&'static str, &'static str, &'static str);

/// The specificity of a sentence that names program and owner: it replaces what the code has.
const EXACT: u8 = 3;

/// Writes the sentences into an IDL. Fails if something is left without documentation.
pub fn write_sentences(program: &str, idl: &mut Value) -> Result<()> {
    for instruction in items_of(&mut idl["instructions"]) {
        let owner = name_of(instruction).to_owned();
        describe_items(arguments::ARGUMENTS, program, &owner, &mut instruction["args"])?;
        describe_items(accounts::ACCOUNTS, program, &owner, &mut instruction["accounts"])?;
    }

    for def in items_of(&mut idl["types"]) {
        let owner = name_of(def).to_owned();
        if let Some(fields) = def["type"].get_mut("fields") {
            describe_items(fields::FIELDS, program, &owner, fields)?;
        }
    }
    Ok(())
}

fn items_of(list: &mut Value) -> impl Iterator<Item = &mut Value> {
    list.as_array_mut().into_iter().flatten()
}

/// Writes the sentence of each item that has no documentation, or an exact one.
fn describe_items(table: &[Sentence], program: &str, owner: &str, items: &mut Value) -> Result<()> {
    for item in items_of(items) {
        let name = name_of(item).to_owned();
        let has_docs = item["docs"].as_array().is_some_and(|lines| !lines.is_empty());
        let found = find_sentence(table, program, owner, &name);

        match found {
            Some((specificity, text)) if specificity == EXACT || !has_docs => {
                item["docs"] = json!([text]);
            }
            None if !has_docs => bail!(
                "`{name}` of `{program}.{owner}` has no documentation; add a sentence to \
                 xtask/src/idl/mends/sentences"
            ),
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// Returns the most specific sentence for `name`, and how specific it is.
fn find_sentence(
    table: &[Sentence],
    program: &str,
    owner: &str,
    name: &str,
) -> Option<(u8, &'static str)> {
    let named = table.iter().filter(|(_, item, _)| *item == name);

    named
        .filter_map(|(owners, _, text)| {
            let each = owners.split(' ').filter_map(|pattern| specificity(pattern, program, owner));
            Some((each.max()?, *text))
        })
        .max_by_key(|(specificity, _)| *specificity)
}

/// Returns how specifically a pattern names this owner; `None` if it does not.
fn specificity(pattern: &str, program: &str, owner: &str) -> Option<u8> {
    match pattern.split_once('.').unwrap_or(("*", "*")) {
        (a, b) if a == program && b == owner => Some(EXACT),
        ("*", b) if b == owner => Some(2),
        (a, "*") if a == program => Some(1),
        ("*", "*") => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use super::{find_sentence, write_sentences};
    use crate::layout;

    /// All sentences.
    const TABLES: [&[super::Sentence]; 3] =
        [super::arguments::ARGUMENTS, super::accounts::ACCOUNTS, super::fields::FIELDS];
    const TABLE: &[super::Sentence] = &[
        ("*", "vault", "any"),
        ("jobs.*", "vault", "of jobs"),
        ("*.initialize", "vault", "new"),
        ("jobs.list jobs.assign", "vault", "of a listing"),
    ];

    #[test]
    fn the_most_specific_sentence_wins() {
        let text = |program, owner| find_sentence(TABLE, program, owner, "vault").unwrap().1;
        assert_eq!(text("rewards", "claim"), "any");
        assert_eq!(text("jobs", "settle"), "of jobs");
        assert_eq!(text("jobs", "initialize"), "new");
        assert_eq!(text("jobs", "assign"), "of a listing");
        assert_eq!(find_sentence(TABLE, "jobs", "list", "queue"), None);
    }

    #[test]
    fn what_has_no_sentence_is_refused() {
        let mut idl = json!({"types": [], "instructions": [
            {"name": "list", "args": [{"name": "unheard_of"}], "accounts": []},
        ]});
        let refused = write_sentences("jobs", &mut idl).unwrap_err().to_string();
        assert!(refused.contains("`unheard_of` of `jobs.list`"), "{refused}");
    }

    /// Returns the committed IDL of a program.
    fn read_idl(program: &str) -> Value {
        let path = layout::idl_folder().join(program).with_extension("json");
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    /// Returns every owner in the three IDLs with the names of what it owns.
    fn list_owners() -> Vec<(&'static str, String, String)> {
        let mut all = Vec::new();
        for program in ["jobs", "staking", "rewards"] {
            let idl = read_idl(program);
            let lists = [&idl["instructions"], &idl["types"]];
            for owner in lists.iter().flat_map(|list| list.as_array().unwrap()) {
                let items = ["args", "accounts"].map(|key| &owner[key]);
                for item in items.into_iter().chain([&owner["type"]["fields"]]) {
                    for item in item.as_array().into_iter().flatten() {
                        let docs = item["docs"].as_array();
                        let is_told = docs.is_some_and(|lines| lines.iter().any(|it| it != ""));
                        let name = item["name"].as_str().unwrap();
                        assert!(is_told, "{program}.{}.{name} has no documentation", owner["name"]);
                        all.push((
                            program,
                            owner["name"].as_str().unwrap().to_owned(),
                            name.to_owned(),
                        ));
                    }
                }
            }
        }
        all
    }

    #[test]
    fn everything_is_documented_and_every_sentence_is_used() {
        let owners = list_owners();
        assert!(owners.len() > 500, "only {} items", owners.len());

        for (patterns, name, text) in TABLES.iter().copied().flatten() {
            assert!(text.ends_with('.') && !text.contains("  "), "`{text}` is not a sentence");
            for pattern in patterns.split(' ') {
                let is_used = owners.iter().any(|(program, owner, item)| {
                    item == name && super::specificity(pattern, program, owner).is_some()
                });
                assert!(is_used, "nothing uses the sentence of `{name}` in `{pattern}`");
            }
        }
    }
}
