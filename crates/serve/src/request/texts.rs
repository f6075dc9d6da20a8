//! A text or a list of texts.

use serde_json::Value;

use super::fields::Fields;
use crate::error::ApiError;

/// Which texts a field can have.
#[derive(Clone, Copy)]
pub(super) struct TextRules {
    pub max_count: usize,
    pub accepts_empty: bool,
}

/// Reads a field that is a text or a list of texts.
pub(super) fn read_texts(
    fields: &Fields,
    name: &str,
    rules: TextRules,
) -> Result<Vec<String>, ApiError> {
    let refuse =
        |problem: String| Err(ApiError::invalid_field(name, format!("`{name}` {problem}")));

    let texts = match fields.require(name)? {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) if has_tokens(items) => {
            return refuse("is made of tokens, which depend on the model; send texts".to_owned());
        }
        Value::Array(items) => {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            match texts.collect::<Option<Vec<_>>>() {
                Some(texts) => texts,
                None => return refuse("has an item that is not a text; send texts".to_owned()),
            }
        }
        _ => return refuse("is not a text or a list of texts; send one".to_owned()),
    };

    if texts.is_empty() {
        return refuse("is an empty list; send at least one text".to_owned());
    }
    if texts.len() > rules.max_count {
        return refuse(format!(
            "has {} texts; at most {} are allowed",
            texts.len(),
            rules.max_count
        ));
    }
    if !rules.accepts_empty && texts.iter().any(String::is_empty) {
        return refuse("has an empty text; send at least one character".to_owned());
    }
    Ok(texts)
}

/// Whether a list is made of tokens, or of lists of tokens.
fn has_tokens(items: &[Value]) -> bool {
    items.iter().any(|item| item.is_number() || item.is_array())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::fields::tests::{fields, problem};

    #[test]
    fn texts_are_read_alone_and_in_lists() {
        let rules = TextRules { max_count: 2, accepts_empty: false };
        let read = |value: Value| read_texts(&fields(json!({ "prompt": value })), "prompt", rules);
        assert_eq!(read(json!("a")).unwrap(), ["a"]);
        assert_eq!(read(json!(["a", "b"])).unwrap(), ["a", "b"]);

        for (wrong, message) in [
            (json!(null), "`prompt` is missing; add it"),
            (json!(7), "`prompt` is not a text or a list of texts; send one"),
            (json!([1, 2]), "`prompt` is made of tokens, which depend on the model; send texts"),
            (
                json!([[1], [2]]),
                "`prompt` is made of tokens, which depend on the model; send texts",
            ),
            (json!(["a", {}]), "`prompt` has an item that is not a text; send texts"),
            (json!([]), "`prompt` is an empty list; send at least one text"),
            (json!(["a", "b", "c"]), "`prompt` has 3 texts; at most 2 are allowed"),
            (json!(["a", ""]), "`prompt` has an empty text; send at least one character"),
        ] {
            assert_eq!(problem(read(wrong)), ("prompt".to_owned(), message.to_owned()));
        }
        let rules = TextRules { accepts_empty: true, ..rules };
        assert_eq!(read_texts(&fields(json!({ "a": "" })), "a", rules).unwrap(), [""]);
    }
}
