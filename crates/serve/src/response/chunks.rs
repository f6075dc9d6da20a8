//! What the parts of an answer have in common.

use nosana_engine::{AnswerProgress, GenerationEnd};
use serde_json::Value;

use crate::{
    identity::{new_id, unix_seconds},
    served::ServedModel,
};

/// What all parts of a response repeat.
#[derive(Clone, Debug)]
pub(crate) struct ResponseHead {
    pub id: String,
    pub created: u64,
    pub model: String,
    pub fingerprint: String,
}

impl ResponseHead {
    /// Begins a response whose identifier has this prefix.
    pub(crate) fn new(prefix: &str, model: &ServedModel) -> Self {
        Self {
            id: new_id(prefix),
            created: unix_seconds(),
            model: model.name.clone(),
            fingerprint: model.fingerprint(),
        }
    }
}

/// Writes the parts of an answer that is sent while it is generated.
pub(crate) trait AnswerChunks: Send + 'static {
    /// The part before the first token, if there is one.
    fn opening_chunk(&self) -> Option<Value>;

    /// What an answer has more than before. `index` is its number.
    fn progress_chunk(&mut self, index: usize, progress: AnswerProgress) -> Value;

    /// The end of an answer.
    fn end_chunk(&self, index: usize, end: GenerationEnd) -> Value;

    /// The numbers of tokens of all answers, after their ends.
    fn usage_chunk(&self, usage: Value) -> Value;
}
