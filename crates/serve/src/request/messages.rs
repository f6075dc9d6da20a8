//! The messages of a chat.

use nosana_job_spec::{Message, MessageRole};
use serde_json::{Map, Value};

use super::fields::Fields;
use crate::error::{ApiError, quote_text};

/// The most messages of a chat.
const MAX_MESSAGES: usize = 1_024;

/// Reads the messages of a chat.
pub(super) fn read_messages(fields: &Fields) -> Result<Vec<Message>, ApiError> {
    let Value::Array(messages) = fields.require("messages")? else {
        return Err(ApiError::invalid_field("messages", "`messages` is not a list; send a list"));
    };
    if messages.is_empty() {
        let message = "`messages` is an empty list; send at least one message";
        return Err(ApiError::invalid_field("messages", message));
    }
    if messages.len() > MAX_MESSAGES {
        let count = messages.len();
        let message = format!("`messages` has {count} items; at most {MAX_MESSAGES} are allowed");
        return Err(ApiError::invalid_field("messages", message));
    }

    messages.iter().enumerate().map(|(index, message)| read_message(index, message)).collect()
}

fn read_message(index: usize, message: &Value) -> Result<Message, ApiError> {
    let place = format!("messages[{index}]");
    let Value::Object(message) = message else {
        let problem = format!("`{place}` is not an object; send `role` and `content`");
        return Err(ApiError::invalid_field(place, problem));
    };

    let role = read_role(&place, message.get("role"))?;
    refuse_calls(&place, message)?;
    let content = read_content(&place, message.get("content"))?;
    Ok(Message { role, content })
}

fn read_role(place: &str, role: Option<&Value>) -> Result<MessageRole, ApiError> {
    let param = format!("{place}.role");

    match role.and_then(Value::as_str) {
        Some("system" | "developer") => Ok(MessageRole::System),
        Some("user") => Ok(MessageRole::User),
        Some("assistant") => Ok(MessageRole::Assistant),
        Some(role @ ("tool" | "function")) => {
            let problem = format!(
                "the role `{role}` is not supported; put its text into a message of the user"
            );
            Err(ApiError::unsupported_field(param, problem))
        }
        Some(role) => {
            let problem = format!(
                "`{}` is not a role; use `system`, `developer`, `user` or `assistant`",
                quote_text(role)
            );
            Err(ApiError::invalid_field(param, problem))
        }
        None => {
            let problem = format!("`{param}` is missing or not a text; name who wrote the message");
            Err(ApiError::invalid_field(param, problem))
        }
    }
}

/// Refuses calls of tools and spoken answers, which earlier answers of other models can have.
fn refuse_calls(place: &str, message: &Map<String, Value>) -> Result<(), ApiError> {
    for name in ["tool_calls", "function_call", "audio"] {
        let value = message.get(name).unwrap_or(&Value::Null);
        if !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()) {
            let param = format!("{place}.{name}");
            let problem = format!("`{param}` is not supported; write it into `content`");
            return Err(ApiError::unsupported_field(param, problem));
        }
    }
    Ok(())
}

/// Reads a content that is a text or a list of parts. Texts of parts follow each other.
fn read_content(place: &str, content: Option<&Value>) -> Result<String, ApiError> {
    let param = format!("{place}.content");

    match content {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(parts)) => {
            let read = |(index, part)| read_part(&format!("{param}[{index}]"), part);
            parts.iter().enumerate().map(read).collect()
        }
        Some(_) | None => {
            let problem = format!("`{param}` is missing or not a text; send a text or text parts");
            Err(ApiError::invalid_field(param, problem))
        }
    }
}

fn read_part<'a>(param: &str, part: &'a Value) -> Result<&'a str, ApiError> {
    let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
    let text = |name: &str| part.get(name).and_then(Value::as_str);

    let found = match kind {
        "text" => text("text"),
        "refusal" => text("refusal"),
        "" => None,
        kind => {
            let problem =
                format!("parts of type `{}` are not supported; send texts", quote_text(kind));
            return Err(ApiError::unsupported_field(param, problem));
        }
    };
    found.ok_or_else(|| {
        let problem = format!("`{param}` is not a text part; send `type`: \"text\" with a `text`");
        ApiError::invalid_field(param, problem)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::fields::tests::{fields, problem};

    fn read(messages: Value) -> Result<Vec<Message>, ApiError> {
        read_messages(&fields(json!({ "messages": messages })))
    }

    #[test]
    fn contents_are_texts_or_text_parts() {
        let messages = read(json!([
            { "role": "developer", "content": "Be brief." },
            { "role": "user", "name": "someone", "content": [
                { "type": "text", "text": "Hello, " }, { "type": "text", "text": "world" },
            ] },
            { "role": "assistant", "content": "", "tool_calls": [], "refusal": null },
        ]));
        let message = |role, content: &str| Message { role, content: content.to_owned() };
        let expected = [
            message(MessageRole::System, "Be brief."),
            message(MessageRole::User, "Hello, world"),
            message(MessageRole::Assistant, ""),
        ];
        assert_eq!(messages.unwrap(), expected);
    }

    #[test]
    fn what_is_not_a_text_is_refused_by_its_place() {
        let image = json!({ "type": "image_url", "image_url": { "url": "data:" } });
        let call = json!({ "id": "1", "type": "function" });
        for (message, param, part) in [
            (json!("hi"), "messages[0]", "is not an object"),
            (json!({ "content": "hi" }), "messages[0].role", "is missing"),
            (json!({ "role": "king", "content": "hi" }), "messages[0].role", "is not a role"),
            (json!({ "role": "tool", "content": "1" }), "messages[0].role", "is not supported"),
            (json!({ "role": "user" }), "messages[0].content", "is missing"),
            (json!({ "role": "user", "content": null }), "messages[0].content", "not a text"),
            (
                json!({ "role": "user", "content": [image] }),
                "messages[0].content[0]",
                "parts of type `image_url` are not supported",
            ),
            (
                json!({ "role": "user", "content": [{ "type": "text" }] }),
                "messages[0].content[0]",
                "is not a text part",
            ),
            (
                json!({ "role": "assistant", "content": "", "tool_calls": [call] }),
                "messages[0].tool_calls",
                "is not supported",
            ),
        ] {
            let (found, message) = problem(read(json!([message])));
            assert_eq!(found, param);
            assert!(message.contains(part), "{message}");
        }
        for wrong in [json!([]), json!("hi"), json!(vec![Value::Null; MAX_MESSAGES + 1])] {
            assert_eq!(problem(read(wrong)).0, "messages");
        }
    }
}
