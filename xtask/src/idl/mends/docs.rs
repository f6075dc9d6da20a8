//! Documentation for callers: without notes for reviewers of the Rust code, and without its links.

use anyhow::{Result, bail};
use serde_json::Value;

/// Begins a note for reviewers of the program, which Anchor requires of unchecked accounts.
const REVIEW_NOTE: &str = "CHECK:";
/// What only readers of the Rust code understand.
const RUST_ONLY: &[&str] = &[REVIEW_NOTE, "::", "[`", "](", "[Self"];
/// Rust's names of numbers, and the numbers.
const NUMBERS: &[(&str, &str)] = &[("u64::MAX", "18446744073709551615")];

/// Removes the notes for reviewers, and writes numbers for their names.
pub fn clean_docs(value: &mut Value) {
    if let Some(fields) = value.as_object_mut() {
        if let Some(lines) = fields.get_mut("docs") {
            *lines = clean_lines(lines);
        }
        if fields.get("docs").is_some_and(|lines| *lines == Value::Array(Vec::new())) {
            fields.remove("docs");
        }
        fields.values_mut().for_each(clean_docs);
    } else if let Some(items) = value.as_array_mut() {
        items.iter_mut().for_each(clean_docs);
    }
}

/// Returns the lines up to the first note for reviewers.
fn clean_lines(lines: &Value) -> Value {
    let lines = lines.as_array().into_iter().flatten().filter_map(Value::as_str);

    lines
        .take_while(|line| !line.trim_start().starts_with(REVIEW_NOTE))
        .map(|line| {
            NUMBERS.iter().fold(line.to_owned(), |line, (name, number)| line.replace(name, number))
        })
        .map(Value::String)
        .collect()
}

/// Fails if a text still has something that only readers of the Rust code understand.
pub fn check_docs(path: &str, value: &Value) -> Result<()> {
    match value {
        Value::Object(fields) => {
            let path = match fields.get("name").and_then(Value::as_str) {
                Some(name) => format!("{path}.{name}"),
                None => path.to_owned(),
            };
            let docs = fields.get("docs").map(Value::to_string).unwrap_or_default();
            if let Some(found) = RUST_ONLY.iter().find(|text| docs.contains(**text)) {
                bail!(
                    "the documentation of `{path}` has `{found}`, which only readers of the code \
                     understand; reword it, or add a sentence to xtask/src/idl/mends/sentences"
                );
            }
            fields.values().try_for_each(|field| check_docs(&path, field))
        }
        Value::Array(items) => items.iter().try_for_each(|item| check_docs(path, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{check_docs, clean_docs};

    #[test]
    fn notes_for_reviewers_go() {
        let mut idl = json!({"accounts": [
            {"name": "stake", "docs": ["CHECK: the stake that the node names;", "not read."]},
            {"name": "token", "docs": ["A token account.", "CHECK: checked by `check_access`."]},
            {"name": "cell", "docs": ["`u64::MAX` if there is none."]},
        ]});
        clean_docs(&mut idl);

        let expected = json!({"accounts": [
            {"name": "stake"},
            {"name": "token", "docs": ["A token account."]},
            {"name": "cell", "docs": ["`18446744073709551615` if there is none."]},
        ]});
        assert_eq!(idl, expected);
    }

    #[test]
    fn links_of_rust_are_refused() {
        for text in ["See [`State`].", "a number of `job::Reason`", "See [this](there)."] {
            let idl =
                json!({"types": [{"name": "Job", "fields": [{"name": "a", "docs": [text]}]}]});
            let refused = check_docs("jobs", &idl).unwrap_err().to_string();
            assert!(refused.contains("`jobs.Job.a`"), "{refused}");
        }

        let fine = json!({"name": "Job", "docs": ["A job. Seeds: `[\"job\", client, nonce]`."]});
        check_docs("jobs", &fine).unwrap();
    }
}
