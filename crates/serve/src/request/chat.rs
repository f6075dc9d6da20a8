//! A request for the next message of a chat.

use nosana_job_spec::Message;

use super::{
    fields::Fields,
    messages::read_messages,
    refused::{CHAT, check_answer_fields},
    response_format::read_format,
    settings::{AnswerSettings, read_settings},
};
use crate::error::ApiError;

/// The most tokens that are reported in the place of each token of an answer.
const MAX_TOP_LOGPROBS: usize = 20;

/// A request for the next message of a chat.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ChatRequest {
    pub messages: Vec<Message>,
    pub settings: AnswerSettings,
}

impl ChatRequest {
    /// Reads the fields of a request but for the model.
    pub(crate) fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        check_answer_fields(fields, CHAT)?;
        let messages = read_messages(fields)?;

        // The former name of the field is still the more common one.
        let recent = fields.read_count("max_completion_tokens", 1..=usize::MAX)?;
        let former = fields.read_count("max_tokens", 1..=usize::MAX)?;
        let mut settings = read_settings(fields, recent.or(former))?;
        settings.options.format = read_format(fields)?;
        settings.options.logprobs = read_logprobs(fields)?;

        Ok(Self { messages, settings })
    }
}

/// Reads how many of the likeliest tokens are reported in the place of each token.
fn read_logprobs(fields: &Fields) -> Result<Option<usize>, ApiError> {
    let reports = fields.read_flag("logprobs")?;
    let count = fields.read_count("top_logprobs", 0..=MAX_TOP_LOGPROBS)?;

    if count.is_some_and(|count| count > 0) && !reports {
        let message = "`top_logprobs` needs `logprobs`: true; set it, or remove `top_logprobs`";
        return Err(ApiError::invalid_field("top_logprobs", message));
    }
    Ok(reports.then(|| count.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::request::fields::tests::{fields, problem};

    fn read(mut request: Value) -> Result<ChatRequest, ApiError> {
        request["messages"] = json!([{ "role": "user", "content": "Hello" }]);
        ChatRequest::from_fields(&fields(request))
    }

    #[test]
    fn both_names_of_the_length_are_read() {
        let length = |request| read(request).unwrap().settings.max_tokens;
        assert_eq!(length(json!({})), None);
        assert_eq!(length(json!({ "max_tokens": 5 })), Some(5));
        assert_eq!(length(json!({ "max_completion_tokens": 6 })), Some(6));
        assert_eq!(length(json!({ "max_tokens": 5, "max_completion_tokens": 6 })), Some(6));
        assert_eq!(problem(read(json!({ "max_tokens": 0 }))).0, "max_tokens");
    }

    #[test]
    fn logprobs_are_a_flag_with_a_count() {
        let logprobs = |request| read(request).unwrap().settings.options.logprobs;
        assert_eq!(logprobs(json!({})), None);
        assert_eq!(logprobs(json!({ "logprobs": false, "top_logprobs": 0 })), None);
        assert_eq!(logprobs(json!({ "logprobs": true })), Some(0));
        assert_eq!(logprobs(json!({ "logprobs": true, "top_logprobs": 20 })), Some(20));
        for wrong in [json!({ "top_logprobs": 1 }), json!({ "top_logprobs": 21, "logprobs": true })]
        {
            assert_eq!(problem(read(wrong)).0, "top_logprobs");
        }
    }

    #[test]
    fn a_chat_needs_messages_and_has_no_tools() {
        assert_eq!(problem(ChatRequest::from_fields(&fields(json!({})))).0, "messages");
        let tools = json!({ "tools": [{ "type": "function" }] });
        assert_eq!(problem(read(tools)).0, "tools");
    }
}
