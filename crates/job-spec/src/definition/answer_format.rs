//! The form that an answer must have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{DefinitionError, refuse_field};

/// The longest schema or grammar, in bytes of UTF-8.
pub const MAX_FORMAT_BYTES: usize = 16 * 1024;

/// The form that an answer must have. Each token is chosen among those that can continue it, so
/// that an answer that ends by itself has the form; one of `max_tokens` may be cut.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFormat {
    /// JSON that is valid by this JSON schema.
    JsonSchema(Value),
    /// A text of this grammar, in the notation of the Lark parser as the library `llguidance` reads
    /// it.
    Grammar(String),
}

impl AnswerFormat {
    /// Validates the size and the outer form. A node refuses what its engine does not support
    /// before the job starts.
    pub(super) fn validate_format(&self, pointer: &str) -> Result<(), DefinitionError> {
        let (field, bytes) = match self {
            Self::JsonSchema(schema) => {
                if !schema.is_object() && !schema.is_boolean() {
                    let problem = "is not a JSON schema; give an object";
                    return refuse_field(format!("{pointer}/json_schema"), problem);
                }
                ("json_schema", schema.to_string().len())
            }
            Self::Grammar(grammar) => {
                if grammar.trim().is_empty() {
                    return refuse_field(format!("{pointer}/grammar"), "is blank; give a grammar");
                }
                ("grammar", grammar.len())
            }
        };

        if bytes > MAX_FORMAT_BYTES {
            return refuse_field(
                format!("{pointer}/{field}"),
                format!("has {bytes} bytes; at most {MAX_FORMAT_BYTES} are allowed"),
            );
        }
        Ok(())
    }
}
