//! The output of text generation, and how two of them are compared.

use serde::{Deserialize, Serialize};

/// The largest margin of a token in an honest answer of the likeliest tokens: how much larger than
/// the token's logit that of the likeliest one is, if another node reads question and answer.
///
/// Devices round differently, and answers in one batch are computed in another order than alone. On
/// SmolLM2-135M, honest answers have margins of up to 0.17; those of a model without its last layer
/// have at least 7. `docs/verification.md` has the table.
pub const ANSWER_MARGIN_BOUND: f32 = 1.5;

/// One answer for each input, in the order of the inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenerationOutput {
    /// The answers.
    pub generations: Vec<Generation>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generation {
    /// The answer's text.
    pub text: String,
    /// Its tokens, without the one that ended it. Outputs of two nodes are compared by them.
    pub token_ids: Vec<u32>,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The number of tokens that the model read before the answer.
    pub prompt_tokens: u32,
    /// How likely each token was, if the definition has `logprobs`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logprobs: Vec<TokenLogprobs>,
}

/// How likely a token of an answer was, before `sampling` changed that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenLogprobs {
    /// What the token adds to the text. A part of a character is shown as U+FFFD.
    pub text: String,
    /// The natural logarithm of its probability.
    pub logprob: f32,
    /// The likeliest tokens in its place, the likeliest one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub likeliest: Vec<TokenLogprob>,
}

/// How likely another token was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenLogprob {
    /// The number of the token.
    pub token_id: u32,
    /// What it would add to the text.
    pub text: String,
    /// The natural logarithm of its probability.
    pub logprob: f32,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FinishReason {
    /// The model ended it.
    Stop,
    /// It reached the definition's `max_tokens`.
    Length,
    /// The job's time ended. An answer that had not begun has no tokens.
    Time,
}

impl GenerationOutput {
    /// Whether there are `inputs` answers of at most `max_tokens` tokens, and each answer's number
    /// of tokens fits its reason.
    pub fn is_well_formed(&self, inputs: usize, max_tokens: u32) -> bool {
        let fits = |answer: &Generation| {
            let count = answer.token_ids.len() as u64;

            answer.prompt_tokens > 0
                && [0, answer.token_ids.len()].contains(&answer.logprobs.len())
                && match answer.finish_reason {
                    FinishReason::Stop => count <= u64::from(max_tokens),
                    FinishReason::Length => count == u64::from(max_tokens),
                    FinishReason::Time => count < u64::from(max_tokens),
                }
        };

        self.generations.len() == inputs && self.generations.iter().all(fits)
    }

    /// Whether both have the same tokens. Honest nodes can differ if two tokens are almost equally
    /// likely and their devices round differently: a difference is a reason to investigate, not
    /// proof of a fault.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let tokens = |output: &Self| {
            output.generations.iter().map(|each| each.token_ids.clone()).collect::<Vec<_>>()
        };

        tokens(self) == tokens(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(token_ids: &[u32], finish_reason: FinishReason) -> GenerationOutput {
        let answer = Generation {
            text: "text".into(),
            token_ids: token_ids.to_vec(),
            finish_reason,
            prompt_tokens: 5,
            logprobs: Vec::new(),
        };
        GenerationOutput { generations: vec![answer] }
    }

    #[test]
    fn reasons_and_tokens_have_to_match() {
        assert!(output(&[1, 2], FinishReason::Stop).is_well_formed(1, 3));
        assert!(output(&[1, 2, 3], FinishReason::Length).is_well_formed(1, 3));
        assert!(!output(&[1, 2], FinishReason::Length).is_well_formed(1, 3));
        assert!(!output(&[1, 2, 3, 4], FinishReason::Stop).is_well_formed(1, 3));
        assert!(!output(&[1], FinishReason::Stop).is_well_formed(2, 3));
        assert!(output(&[], FinishReason::Time).is_well_formed(1, 3));
        assert!(!output(&[1, 2, 3], FinishReason::Time).is_well_formed(1, 3));
        assert!(output(&[1], FinishReason::Stop).agrees_with(&output(&[1], FinishReason::Length)));
        assert!(!output(&[1], FinishReason::Stop).agrees_with(&output(&[2], FinishReason::Stop)));
    }

    #[test]
    fn the_canonical_form_is_fixed() {
        let text = concat!(
            r#"{"generations":[{"text":"text","token_ids":[7],"#,
            r#""finish_reason":"stop","prompt_tokens":5}]}"#,
        );

        assert_eq!(serde_json::to_string(&output(&[7], FinishReason::Stop)).unwrap(), text);
    }
}
