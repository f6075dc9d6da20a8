//! A request for the continuations of texts.

use super::{
    fields::Fields,
    refused::{COMPLETION, check_answer_fields},
    settings::{AnswerSettings, read_settings},
    texts::{TextRules, read_texts},
};
use crate::error::ApiError;

/// The most texts of a request.
const MAX_PROMPTS: usize = 64;
/// The length of an answer if the request sets none. It is OpenAI's.
const DEFAULT_MAX_TOKENS: usize = 16;
/// The most tokens that are reported in the place of each token of an answer.
const MAX_LOGPROBS: usize = 5;

/// A request for the continuations of texts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CompletionRequest {
    pub prompts: Vec<String>,
    pub settings: AnswerSettings,
}

impl CompletionRequest {
    /// Reads the fields of a request but for the model.
    pub(crate) fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        check_answer_fields(fields, COMPLETION)?;
        let rules = TextRules { max_count: MAX_PROMPTS, accepts_empty: false };
        let prompts = read_texts(fields, "prompt", rules)?;

        let max_tokens = fields.read_count("max_tokens", 1..=usize::MAX)?;
        let mut settings = read_settings(fields, max_tokens.or(Some(DEFAULT_MAX_TOKENS)))?;
        settings.options.logprobs = fields.read_count("logprobs", 0..=MAX_LOGPROBS)?;

        Ok(Self { prompts, settings })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::request::fields::tests::{fields, problem};

    fn read(request: Value) -> Result<CompletionRequest, ApiError> {
        CompletionRequest::from_fields(&fields(request))
    }

    #[test]
    fn prompts_and_their_settings_are_read() {
        let CompletionRequest { prompts, settings } = read(json!({ "prompt": "a" })).unwrap();
        assert_eq!((prompts, settings.max_tokens), (vec!["a".to_owned()], Some(16)));
        assert_eq!(settings.options.logprobs, None);

        let request = json!({ "prompt": ["a", "b"], "max_tokens": 3, "logprobs": 5 });
        let CompletionRequest { prompts, settings } = read(request).unwrap();
        assert_eq!((prompts.len(), settings.max_tokens), (2, Some(3)));
        assert_eq!(settings.options.logprobs, Some(5));
    }

    #[test]
    fn what_would_change_the_answer_is_refused() {
        for (wrong, param) in [
            (json!({}), "prompt"),
            (json!({ "prompt": "" }), "prompt"),
            (json!({ "prompt": [1, 2] }), "prompt"),
            (json!({ "prompt": vec!["a"; 65] }), "prompt"),
            (json!({ "prompt": "a", "logprobs": 6 }), "logprobs"),
            (json!({ "prompt": "a", "logprobs": true }), "logprobs"),
            (json!({ "prompt": "a", "echo": true }), "echo"),
            (json!({ "prompt": "a", "best_of": 3 }), "best_of"),
            (json!({ "prompt": "a", "suffix": "b" }), "suffix"),
        ] {
            assert_eq!(problem(read(wrong)).0, param);
        }
    }
}
