//! What to generate for prompts, and what was generated.

use nosana_job_spec::AnswerFormat;

use crate::{EngineError, Sampling};

/// An answer of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct GeneratedText {
    /// The answer's text. It never ends inside of a character.
    pub text: String,
    /// Its tokens, without the one that ended it.
    pub token_ids: Vec<u32>,
    /// How likely each token was, if that was requested.
    pub logprobs: Vec<TokenLogprobs>,
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
    /// Texts that end an answer, and are not part of it.
    pub stop: Vec<String>,
    /// How the next token is chosen.
    pub sampling: Sampling,
    /// The form that the answer must have. An answer of `max_tokens` may end before its form does.
    pub format: Option<AnswerFormat>,
    /// Reports how likely each token was, and so many of the likeliest ones in its place.
    pub logprobs: Option<usize>,
}

/// How likely a token of an answer was, before [`Sampling`] changed that.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenLogprobs {
    /// The token of the answer.
    pub chosen: TokenLogprob,
    /// The likeliest tokens in its place, the likeliest one first.
    pub likeliest: Vec<TokenLogprob>,
}

/// How likely a token was.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenLogprob {
    /// The number of the token.
    pub token_id: u32,
    /// What it adds to the text. A token may have a part of a character.
    pub bytes: Vec<u8>,
    /// The natural logarithm of its probability.
    pub logprob: f32,
}

/// What happens to an answer while it is generated.
#[derive(Debug)]
pub enum AnswerEvent {
    /// It became longer.
    Progress(AnswerProgress),
    /// It ended.
    End(GeneratedText),
    /// There is no answer.
    Failed(EngineError),
}

/// What an answer has more than before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerProgress {
    /// Text, in whole characters. What may be the beginning of a stop text comes later.
    pub text: String,
    /// How likely each new token was, if that was requested.
    pub logprobs: Vec<TokenLogprobs>,
}
