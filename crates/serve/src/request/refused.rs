//! Fields that would change the answer and are not supported. A request that has one is refused, so
//! that no client takes another answer for the one that it wanted. Other unknown fields are ignored.

use serde_json::Value;

use super::fields::Fields;
use crate::error::ApiError;

/// A field that is not supported.
pub(super) struct RefusedField {
    name: &'static str,
    /// The value that changes nothing, as JSON. Absent and empty values change nothing either.
    accepted: &'static str,
    /// What to do.
    advice: &'static str,
}

const fn refused(name: &'static str, accepted: &'static str, advice: &'static str) -> RefusedField {
    RefusedField { name, accepted, advice }
}

/// Refused in every request for answers.
const SHARED: &[RefusedField] = &[
    refused("n", "1", "send one request for each answer"),
    refused("logit_bias", "{}", "remove it, or describe the answer by `response_format`"),
    refused("presence_penalty", "0", "set `repeat_penalty`, or remove it"),
    refused("frequency_penalty", "0", "set `repeat_penalty`, or remove it"),
    refused("repetition_penalty", "1", "set `repeat_penalty`, which looks at the last 64 tokens"),
    refused("guided_json", "null", "give the schema as `response_format`"),
    refused("guided_regex", "null", "give a schema with a `pattern` as `response_format`"),
    refused("guided_choice", "null", "give a schema with an `enum` as `response_format`"),
    refused("guided_grammar", "null", "give a schema as `response_format`"),
    refused("structured_outputs", "null", "give the schema as `response_format`"),
];

/// Refused in chats.
pub(super) const CHAT: &[RefusedField] = &[
    refused("tools", "[]", "describe the call that you need by `response_format`"),
    refused("tool_choice", "\"none\"", "describe the call that you need by `response_format`"),
    refused("functions", "[]", "describe the call that you need by `response_format`"),
    refused("function_call", "\"none\"", "describe the call that you need by `response_format`"),
    refused("modalities", "[\"text\"]", "answers are texts; remove it"),
    refused("audio", "null", "answers are texts; remove it"),
    refused("reasoning_effort", "\"none\"", "write into a message how the model should think"),
    refused("verbosity", "\"medium\"", "write into a message how long the answer should be"),
    refused("web_search_options", "null", "put what the model should know into a message"),
];

/// Refused in completions.
pub(super) const COMPLETION: &[RefusedField] = &[
    refused("best_of", "1", "send one request for each answer"),
    refused("echo", "false", "put the prompt before the answer yourself"),
    refused("suffix", "\"\"", "the model continues texts at their end; remove it"),
    refused("response_format", "{\"type\":\"text\"}", "use POST /v1/chat/completions"),
];

/// Refused in requests for embeddings.
const EMBEDDING: &[RefusedField] = &[refused(
    "dimensions",
    "null",
    "vectors have the length of the model's own; remove it, or cut and scale them yourself",
)];

/// Refuses a request for answers that has a field which is not supported.
pub(super) fn check_answer_fields(
    fields: &Fields,
    others: &[RefusedField],
) -> Result<(), ApiError> {
    check_fields(fields, SHARED)?;
    check_fields(fields, others)
}

/// Refuses a request for embeddings that has a field which is not supported.
pub(super) fn check_embedding_fields(fields: &Fields) -> Result<(), ApiError> {
    check_fields(fields, EMBEDDING)
}

fn check_fields(fields: &Fields, refused: &[RefusedField]) -> Result<(), ApiError> {
    for RefusedField { name, accepted, advice } in refused {
        let Some(value) = fields.get(name) else { continue };
        if is_equal(value, accepted) {
            continue;
        }

        let message = match *accepted {
            "null" => format!("`{name}` is not supported; {advice}"),
            _ => format!("`{name}` other than {accepted} is not supported; {advice}"),
        };
        return Err(ApiError::unsupported_field(*name, message));
    }
    Ok(())
}

/// Whether a value is the accepted one. Numbers are compared as such: 0 is 0.0.
fn is_equal(value: &Value, accepted: &str) -> bool {
    match (value.as_f64(), accepted.parse::<f64>()) {
        (Some(number), Ok(accepted)) => number == accepted,
        _ => serde_json::from_str::<Value>(accepted).is_ok_and(|accepted| *value == accepted),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::fields::tests::{fields, problem};

    #[test]
    fn every_refused_field_says_what_to_do_and_accepts_the_value_that_changes_nothing() {
        for (table, check) in
            [(SHARED, CHAT), (CHAT, CHAT), (SHARED, COMPLETION), (COMPLETION, COMPLETION)]
        {
            for RefusedField { name, accepted, advice } in table {
                let other = json!({ *name: { "something": "else" } });
                let (param, message) = problem(check_answer_fields(&fields(other), check));
                assert_eq!(param, *name);
                assert!(message.ends_with(advice), "{message}");

                let accepted: Value = serde_json::from_str(accepted).unwrap();
                for value in [accepted, Value::Null] {
                    check_answer_fields(&fields(json!({ *name: value })), check).unwrap();
                }
            }
        }
        let (param, _) = problem(check_embedding_fields(&fields(json!({ "dimensions": 64 }))));
        assert_eq!(param, "dimensions");
    }

    #[test]
    fn numbers_are_compared_by_value_and_harmless_fields_are_ignored() {
        let zero = json!({
            "presence_penalty": 0.0, "frequency_penalty": 0, "n": 1.0, "user": "someone",
            "metadata": { "a": "b" }, "store": true, "service_tier": "auto", "tools": [],
            "parallel_tool_calls": true,
        });
        check_answer_fields(&fields(zero), CHAT).unwrap();

        let (param, message) = problem(check_answer_fields(&fields(json!({ "n": 2 })), CHAT));
        assert_eq!(param, "n");
        let expected = "`n` other than 1 is not supported; send one request for each answer";
        assert_eq!(message, expected);
        assert!(check_answer_fields(&fields(json!({ "presence_penalty": 0.1 })), CHAT).is_err());
        assert!(check_answer_fields(&fields(json!({ "n": 0 })), CHAT).is_err());
    }
}
