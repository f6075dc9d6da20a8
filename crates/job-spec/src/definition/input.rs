//! What a model reads: a text, or the messages of a conversation.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{
    checks::check_max_count,
    error::{DefinitionError, refuse_field},
};

/// The longest input, in bytes of UTF-8.
pub const MAX_INPUT_BYTES: usize = 8 * 1024;
/// The most messages of a conversation.
pub const MAX_MESSAGES: usize = 64;

/// What a model reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum InferenceInput {
    /// A text; for the task `generation` the only message of the user.
    Text(String),
    /// For the task `generation` only: the messages of a conversation. The model writes the next
    /// one.
    Conversation(Vec<Message>),
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who wrote it.
    pub role: MessageRole,
    /// Its text.
    #[schemars(length(min = 1))]
    pub content: String,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MessageRole {
    /// The one who sets the model's role; only the first message.
    System,
    /// The one who asks.
    User,
    /// The model, in an earlier answer.
    Assistant,
}

impl From<String> for InferenceInput {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for InferenceInput {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl InferenceInput {
    /// The length of all texts, in bytes of UTF-8.
    pub fn text_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Conversation(messages) => messages.iter().map(|one| one.content.len()).sum(),
        }
    }

    /// The number of messages: each has marks of the chat template around it.
    pub fn message_count(&self) -> usize {
        match self {
            Self::Text(_) => 1,
            Self::Conversation(messages) => messages.len(),
        }
    }

    /// The text, if this is not a conversation.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Conversation(_) => None,
        }
    }

    /// The text that a list of jobs shows: of a conversation, the last message.
    pub fn summary(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Conversation(messages) => {
                messages.last().map(|message| message.content.as_str()).unwrap_or_default()
            }
        }
    }
}

/// Validates a conversation: the system's message comes first, if there is one, and the last message
/// is the user's, so that the model's answer follows.
pub(super) fn validate_conversation(
    pointer: &str,
    messages: &[Message],
    has_system: bool,
) -> Result<(), DefinitionError> {
    check_max_count(pointer, "messages", messages.len(), MAX_MESSAGES)?;

    for (index, message) in messages.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        if message.content.trim().is_empty() {
            return refuse_field(format!("{pointer}/content"), "is blank; give a text");
        }
        if message.role == MessageRole::System && (index > 0 || has_system) {
            let problem =
                "is `system`, which only the first message can be, and not beside `system`";
            return refuse_field(format!("{pointer}/role"), problem);
        }
    }
    match messages.last() {
        Some(Message { role: MessageRole::User, .. }) => Ok(()),
        Some(_) => refuse_field(pointer, "does not end with a message of the user; add one"),
        None => refuse_field(pointer, "has no messages; give one of the user"),
    }
}

impl JsonSchema for InferenceInput {
    fn schema_name() -> Cow<'static, str> {
        "InferenceInput".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let message = generator.subschema_for::<Message>();
        json_schema!({
            "description": "A text, or the messages of a conversation.",
            "anyOf": [
                { "type": "string", "pattern": r"\S", "maxLength": MAX_INPUT_BYTES },
                { "type": "array", "minItems": 1, "maxItems": MAX_MESSAGES, "items": message },
            ],
        })
    }
}
