//! Names of operations, groups, volumes and results.

use schemars::{Schema, SchemaGenerator, json_schema};

use super::error::{DefinitionError, refuse_field};

/// The longest name, in bytes.
pub(super) const MAX_ID_BYTES: usize = 64;

/// The form of a name. Names of models are names, such as `gpt-oss:20b`; `.` and `..` are not.
const ID: &str = "^[A-Za-z0-9_-][A-Za-z0-9_.:-]*$";

/// Checks that a name has the form of [`ID`]. The error proposes one that has.
pub(super) fn check_id(pointer: &str, id: &str) -> Result<(), DefinitionError> {
    let starts_plain = id.bytes().next().is_some_and(is_first);

    if starts_plain && id.len() <= MAX_ID_BYTES && id.bytes().all(is_plain) {
        return Ok(());
    }
    refuse_field(pointer, describe_wrong_id(id))
}

/// Why a text is not a name, with one that is.
fn describe_wrong_id(id: &str) -> String {
    format!(
        "must be 1 to {MAX_ID_BYTES} ASCII letters, digits, `-`, `_`, `.` or `:`, and not begin \
         with `.` or `:`; use `{}`",
        propose_id(id)
    )
}

/// Like the error of [`check_id`], about a text that does not match this pattern of a schema;
/// `None` if the pattern is not that of a name.
pub(crate) fn explain_id_pattern(text: &str, pattern: &str) -> Option<String> {
    pattern.contains(ID).then(|| describe_wrong_id(text))
}

fn is_first(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn is_plain(byte: u8) -> bool {
    is_first(byte) || byte == b'.' || byte == b':'
}

/// A valid name that resembles `id`.
fn propose_id(id: &str) -> String {
    let is_allowed = |c: char| u8::try_from(c).is_ok_and(is_plain);
    let mapped: String = id
        .trim_matches(|c: char| c.is_whitespace() || c == '.' || c == ':')
        .chars()
        .take(MAX_ID_BYTES)
        .map(|c| if is_allowed(c) { c } else { '-' })
        .collect();

    if mapped.is_empty() { "a".to_owned() } else { mapped }
}

/// The form of a name with its length, for the keys of an object: a schema bounds them by their
/// form alone.
pub(super) fn key_pattern() -> String {
    ID.replace('*', &format!("{{0,{}}}", MAX_ID_BYTES - 1))
}

/// The schema of a name.
pub(crate) fn id_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": ID, "maxLength": MAX_ID_BYTES })
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn names_of_models_are_valid_and_the_error_proposes_others() {
        let form = Regex::new(&key_pattern()).unwrap();
        let long = "a".repeat(MAX_ID_BYTES);
        for id in ["gpt-oss:20b", "VLLM-llama3.1", "Nanonets-OCR2:1-5B", "-", "_a", &long] {
            assert!(check_id("/id", id).is_ok() && form.is_match(id), "{id}");
        }

        let longer = format!("{long}b");
        for (id, proposed) in [
            ("meta-llama/Llama-3", "`meta-llama-Llama-3`"),
            ("a b", "`a-b`"),
            (".", "`a`"),
            ("..", "`a`"),
            (":a", "`a`"),
            ("", "`a`"),
            ("é", "`-`"),
            (&longer, &format!("`{long}`")),
        ] {
            let error = check_id("/id", id).unwrap_err().to_string();
            assert!(error.ends_with(&format!("use {proposed}")), "{error}");
            assert!(!form.is_match(id), "{id}");
            assert!(check_id("/id", &propose_id(id)).is_ok(), "{id}");
        }
    }
}
