//! What the fields of requests mean. Nothing here waits or computes answers.
//!
//! | module | purpose |
//! | --- | --- |
//! | `fields` | reads fields of a JSON object, with errors that name the field |
//! | `refused` | fields that would change the answer and are not supported |
//! | `settings` | the fields that chats and completions share |
//! | `texts`, `messages`, `response_format` | fields with a form of their own |
//! | `chat`, `completion`, `embedding` | one kind of request each |

mod chat;
mod completion;
mod embedding;
mod fields;
mod messages;
mod refused;
mod response_format;
mod settings;
mod texts;

pub(crate) use self::{
    chat::ChatRequest,
    completion::CompletionRequest,
    embedding::{EmbeddingRequest, EncodingFormat},
    fields::Fields,
    settings::AnswerSettings,
};
