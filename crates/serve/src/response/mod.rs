//! The JSON of responses.
//!
//! | module | purpose |
//! | --- | --- |
//! | `chat`, `completion` | answers, whole and in parts |
//! | `chunks` | what the parts of an answer have in common |
//! | `logprobs` | how likely tokens were |

mod chat;
mod chunks;
mod completion;
mod logprobs;

use nosana_engine::GenerationEnd;
use serde_json::{Value, json};

pub(crate) use self::{
    chat::{ChatChunks, chat_response},
    chunks::{AnswerChunks, ResponseHead},
    completion::{CompletionChunks, completion_response},
};

/// The numbers of tokens that a request used.
pub(crate) fn usage_json(prompt_tokens: usize, completion_tokens: usize) -> Value {
    json!({
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens.saturating_add(completion_tokens),
    })
}

/// Why an answer ended, as responses name it. Answers that were interrupted are errors.
const fn finish_reason(end: GenerationEnd) -> &'static str {
    match end {
        GenerationEnd::Model => "stop",
        GenerationEnd::Limit | GenerationEnd::Interrupted => "length",
    }
}
