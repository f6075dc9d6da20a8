//! What to generate for prompts, and what was generated.

use crate::Sampling;

/// An answer of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedText {
    /// The answer's text. It never ends inside of a character.
    pub text: String,
    /// Its tokens, without the one that ended it.
    pub token_ids: Vec<u32>,
    /// Why it ended.
    pub end: GenerationEnd,
    /// The number of tokens that the model read before the answer.
    pub prompt_tokens: usize,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenerationEnd {
    /// The model ended it, or it reached a stop text.
    Model,
    /// It has the requested number of tokens.
    Limit,
    /// The caller stopped it.
    Interrupted,
}

/// What to generate for each prompt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GenerationOptions {
    /// The most tokens of an answer.
    pub max_tokens: usize,
    /// The message before the prompt that sets the model's role; without it, the model's own.
    pub system: Option<String>,
    /// Texts that end an answer, and are not part of it.
    pub stop: Vec<String>,
    /// How the next token is chosen.
    pub sampling: Sampling,
}
