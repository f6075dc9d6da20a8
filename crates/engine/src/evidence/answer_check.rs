//! An answer read in one pass, with the tokens that another run chose (teacher forcing).

use llama_cpp_2::{context::LlamaContext, llama_batch::LlamaBatch, token::LlamaToken};

use super::state_places;
use crate::{
    EngineError, Generator, Prompt, chat_model::ChatModel, loaded::token_id,
    token_batch::BATCH_TOKENS,
};

/// How an answer looks to this model.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerEvidence {
    /// The margin of each token of the answer.
    pub margins: Vec<TokenMargin>,
    /// The margin of an end behind the answer: how much less likely the end is than the likeliest
    /// token.
    pub end_margin: f32,
    /// The model's last states at eight places of the question and the answer.
    pub states: Vec<Vec<f32>>,
}

/// How much less likely a token is than the likeliest one in its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenMargin {
    /// The likeliest token.
    pub likeliest: u32,
    /// The difference of the two logits; zero if the token is the likeliest one.
    pub margin: f32,
}

impl AnswerEvidence {
    /// The largest margin of a token; not a number if one of them is not.
    pub fn largest_margin(&self) -> f32 {
        let margins = || self.margins.iter().map(|token| token.margin);

        // `f32::max` ignores what is not a number.
        margins().find(|margin| margin.is_nan()).unwrap_or_else(|| margins().fold(0.0, f32::max))
    }
}

impl Generator {
    /// Reads a prompt with an answer in one pass. `may_continue` is called before each 512 tokens.
    ///
    /// # Errors
    /// If they are longer than the model reads, the answer names a token that it does not have, or
    /// `may_continue` returns false.
    pub fn check_answer(
        &self,
        prompt: &Prompt,
        answer: &[u32],
        may_continue: impl Fn() -> bool,
    ) -> Result<AnswerEvidence, EngineError> {
        let model = self.model();
        let prompt = self.encode_prompt(prompt, answer.len())?;
        let answer = self.known_tokens(answer)?;
        let tokens: Vec<LlamaToken> = prompt.iter().copied().chain(answer).collect();
        read_answer(model, &tokens, prompt.len(), may_continue)
    }
}

/// Reads the tokens, of which the first `prompt_tokens` are the prompt.
fn read_answer(
    model: &ChatModel,
    tokens: &[LlamaToken],
    prompt_tokens: usize,
    may_continue: impl Fn() -> bool,
) -> Result<AnswerEvidence, EngineError> {
    let mut context = model.new_state_context(tokens.len())?;
    let places: Vec<usize> = state_places(tokens.len()).collect();
    let mut evidence = AnswerEvidence {
        margins: Vec::with_capacity(tokens.len() - prompt_tokens.min(tokens.len())),
        end_margin: 0.0,
        states: Vec::with_capacity(places.len()),
    };

    for (number, chunk) in tokens.chunks(BATCH_TOKENS).enumerate() {
        if !may_continue() {
            return Err(EngineError::Stopped);
        }
        let start = number * BATCH_TOKENS;
        decode_chunk(&mut context, start, chunk)?;

        for (row, position) in (start..start + chunk.len()).enumerate() {
            let row = i32::try_from(row).unwrap_or(i32::MAX);
            for _ in places.iter().filter(|place| **place == position) {
                evidence.states.push(state_at(&context, row)?);
            }
            if position + 1 < prompt_tokens {
                continue;
            }

            let logits = context.get_logits_ith(row);
            check_numbers(logits)?;
            match tokens.get(position + 1) {
                Some(next) => evidence.margins.push(token_margin(logits, *next)),
                None => evidence.end_margin = end_margin(model, logits),
            }
        }
    }
    Ok(evidence)
}

/// Reads tokens, and keeps the logits and the state of each.
fn decode_chunk(
    context: &mut LlamaContext<'_>,
    start: usize,
    tokens: &[LlamaToken],
) -> Result<(), EngineError> {
    let fail = |error: String| EngineError::Device(error);
    let mut batch = LlamaBatch::new(BATCH_TOKENS, 1);

    for (offset, token) in tokens.iter().enumerate() {
        let position = i32::try_from(start + offset).map_err(|error| fail(error.to_string()))?;
        batch.add(*token, position, &[0], true).map_err(|error| fail(error.to_string()))?;
    }
    context.decode(&mut batch).map_err(|error| fail(error.to_string()))
}

/// Fails if a logit is not a number: a device that computes such values cannot judge an answer.
fn check_numbers(logits: &[f32]) -> Result<(), EngineError> {
    match logits.iter().any(|logit| logit.is_nan()) {
        true => Err(EngineError::Device("a logit is not a number".to_owned())),
        false => Ok(()),
    }
}

fn state_at(context: &LlamaContext<'_>, row: i32) -> Result<Vec<f32>, EngineError> {
    let state = context.embeddings_ith(row);
    Ok(state.map_err(|error| EngineError::Device(error.to_string()))?.to_vec())
}

fn token_margin(logits: &[f32], token: LlamaToken) -> TokenMargin {
    let (likeliest, largest) = largest_logit(logits);
    let index = usize::try_from(token.0).unwrap_or(usize::MAX);
    let logit = logits.get(index).copied().unwrap_or(f32::NEG_INFINITY);
    TokenMargin { likeliest: token_id(likeliest), margin: largest - logit }
}

/// How much less likely the likeliest end is than the likeliest token.
fn end_margin(model: &ChatModel, logits: &[f32]) -> f32 {
    let vocab = model.vocab();
    let (_, largest) = largest_logit(logits);
    let ends = (0..).map(LlamaToken::new).zip(logits).filter(|(token, _)| vocab.is_eog(*token));

    largest - ends.map(|(_, logit)| *logit).fold(f32::NEG_INFINITY, f32::max)
}

fn largest_logit(logits: &[f32]) -> (LlamaToken, f32) {
    let first = (LlamaToken::new(0), f32::NEG_INFINITY);
    (0..)
        .map(LlamaToken::new)
        .zip(logits.iter().copied())
        .fold(first, |best, next| if next.1 > best.1 { next } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_is_not_ignored() {
        let largest = |margins: &[f32]| {
            let margin = |margin: &f32| TokenMargin { likeliest: 7, margin: *margin };
            let margins = margins.iter().map(margin).collect();
            AnswerEvidence { margins, end_margin: 0.0, states: Vec::new() }.largest_margin()
        };
        assert_eq!(largest(&[]), 0.0);
        assert_eq!(largest(&[0.5, 1.25, 1.0]), 1.25);
        for margins in [&[f32::NAN][..], &[f32::NAN, 1.0], &[1.0, -f32::NAN]] {
            assert!(largest(margins).is_nan(), "{margins:?}");
        }

        check_numbers(&[f32::NEG_INFINITY, 1.0]).unwrap();
        assert!(check_numbers(&[1.0, f32::NAN]).is_err());
    }
}
