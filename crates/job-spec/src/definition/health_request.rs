//! What a health check over HTTP sends in addition to its path: headers and a body.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::{
    checks::{check_max_count, escape_key},
    error::{DefinitionError, refuse_field},
};
use crate::schema::regexes::{HEADER_NAME, HEADER_VALUE};

/// The most headers of one check.
pub const MAX_CHECK_HEADERS: usize = 16;
/// The largest size of the names and values of all headers of a check together, in bytes.
pub const MAX_CHECK_HEADERS_BYTES: usize = 8 * 1024;
/// The largest body of a check, in bytes.
pub const MAX_CHECK_BODY_BYTES: usize = 16 * 1024;
/// The longest name of a header, in bytes.
const MAX_NAME_BYTES: usize = 128;
/// The signs that the name of a header may have in addition to letters and digits (RFC 9110).
const NAME_SIGNS: &str = "!#$%&'*+.^_`|~-";
/// Headers that the node sends itself, or that would change how long the request is.
const NODE_HEADERS: [&str; 5] =
    ["host", "content-length", "transfer-encoding", "connection", "expect"];

/// The text of a body: a text as it is, any other value as JSON.
pub fn body_text(body: &Value) -> Cow<'_, str> {
    match body {
        Value::String(text) => text.into(),
        _ => body.to_string().into(),
    }
}

/// Checks the headers of a check: they are written into the request as they are.
pub(super) fn check_headers(
    pointer: &str,
    headers: &BTreeMap<String, String>,
) -> Result<(), DefinitionError> {
    check_max_count(pointer, "headers", headers.len(), MAX_CHECK_HEADERS)?;

    for (name, value) in headers {
        let pointer = format!("{pointer}/{}", escape_key(name));
        check_header(&pointer, name, value)?;

        let mut earlier = headers.keys().take_while(|earlier| *earlier != name);
        if earlier.any(|earlier| earlier.eq_ignore_ascii_case(name)) {
            return refuse_field(pointer, "is given twice: names of headers have no case");
        }
    }

    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_CHECK_HEADERS_BYTES {
        return refuse_field(
            pointer,
            format!("has {bytes} bytes; at most {MAX_CHECK_HEADERS_BYTES} are allowed"),
        );
    }
    Ok(())
}

fn check_header(pointer: &str, name: &str, value: &str) -> Result<(), DefinitionError> {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || NAME_SIGNS.contains(c);

    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.chars().all(is_sign) {
        return refuse_field(
            pointer,
            format!(
                "must have a name of 1 to {MAX_NAME_BYTES} ASCII letters, digits or signs of \
                 {NAME_SIGNS}"
            ),
        );
    }
    if NODE_HEADERS.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        return refuse_field(
            pointer,
            "cannot be given: the node sends it itself, or does without it; remove it",
        );
    }
    if !value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
        return refuse_field(pointer, "must have printable ASCII characters only, in one line");
    }
    Ok(())
}

/// Checks the size of a check's body.
pub(super) fn check_body(pointer: &str, body: Option<&Value>) -> Result<(), DefinitionError> {
    let bytes = body.map_or(0, |body| body_text(body).len());

    if bytes > MAX_CHECK_BODY_BYTES {
        return refuse_field(
            pointer,
            format!("has {bytes} bytes; at most {MAX_CHECK_BODY_BYTES} are allowed"),
        );
    }
    Ok(())
}

/// The schema of the headers.
pub(super) fn headers_schema(_: &mut SchemaGenerator) -> Schema {
    let value = json_schema!({
        "type": "string",
        "pattern": HEADER_VALUE,
        "maxLength": MAX_CHECK_HEADERS_BYTES,
    });

    json_schema!({
        "type": "object",
        "maxProperties": MAX_CHECK_HEADERS,
        "patternProperties": { HEADER_NAME: value },
        "additionalProperties": false,
    })
}

/// The schema of a body: any value.
pub(super) fn body_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "maxLength": MAX_CHECK_BODY_BYTES })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refuse(headers: &[(&str, &str)]) -> String {
        let owned = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let headers: BTreeMap<String, String> = owned.collect();
        check_headers("/h", &headers).unwrap_err().to_string()
    }

    #[test]
    fn headers_that_would_change_the_request_are_refused() {
        let many: Vec<String> = (0..17).map(|number| format!("A{number}")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
        let text = "x".repeat(4_100);
        let long = text.as_str();

        for (headers, expected) in [
            (vec![("Host", "a")], "/h/Host: cannot be given"),
            (vec![("content-LENGTH", "0")], "/h/content-LENGTH: cannot be given"),
            (vec![("Transfer-Encoding", "chunked")], "/h/Transfer-Encoding: cannot be given"),
            (vec![("A", "b\r\nHost: c")], "/h/A: must have printable"),
            (vec![("A", "b\nc")], "/h/A: must have printable"),
            (vec![("A", "ä")], "/h/A: must have printable"),
            (vec![("A: b\r\nC", "d")], "/h/A: b\r\nC: must have a name"),
            (vec![("", "a")], "/h/: must have a name"),
            (vec![("a/b", "c")], "/h/a~1b: must have a name"),
            (vec![("Accept", "a"), ("accept", "b")], "/h/accept: is given twice"),
            (many, "/h: has 17 headers; at most 16"),
            (vec![("A", long), ("B", long)], "/h: has 8202 bytes; at most 8192"),
        ] {
            let error = refuse(&headers);
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn usual_headers_are_accepted() {
        let headers = [("Content-Type", "application/json"), ("X_a.b~", ""), ("Accept", "a,\tb")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        check_headers("/h", &BTreeMap::from(headers)).unwrap();
    }

    #[test]
    fn a_body_is_a_text_or_json_of_a_bounded_size() {
        let text = json!("{\"a\": 1}");
        assert_eq!(body_text(&text), "{\"a\": 1}");
        assert_eq!(body_text(&json!({ "a": [1, "b"] })), r#"{"a":[1,"b"]}"#);

        assert!(check_body("/b", Some(&json!("x".repeat(MAX_CHECK_BODY_BYTES)))).is_ok());
        let long = json!(["x".repeat(MAX_CHECK_BODY_BYTES)]);
        let error = check_body("/b", Some(&long)).unwrap_err().to_string();
        assert_eq!(error, "/b: has 16388 bytes; at most 16384 are allowed");
    }
}
