//! How the next token of an answer is chosen.

use llama_cpp_2::{model::LlamaModel, sampling::LlamaSampler};

/// The number of the last tokens that `repeat_penalty` looks at.
const PENALIZED_TOKENS: i32 = 64;

/// How the next token of an answer is chosen. By default it is the likeliest one.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// Divides the logits before they become probabilities. Zero chooses the likeliest token, and
    /// then the other settings but `repeat_penalty` have no effect.
    pub temperature: f32,
    /// Only the `top_k` likeliest tokens; zero for all.
    pub top_k: u32,
    /// Only the likeliest tokens that together have this probability.
    pub top_p: f32,
    /// Only tokens with at least this part of the likeliest one's probability.
    pub min_p: f32,
    /// Divides the logits of tokens among the last 64 ones; 1 for no penalty.
    pub repeat_penalty: f32,
    /// The seed of the random numbers: equal seeds repeat an answer on one device, unless rounding
    /// in another batch changes a token.
    pub seed: u32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 0.0, top_k: 0, top_p: 1.0, min_p: 0.0, repeat_penalty: 1.0, seed: 0 }
    }
}

impl Sampling {
    /// Creates the sampler of one answer. `index` is the number of the answer: answers to equal
    /// prompts differ.
    pub(crate) fn new_sampler(&self, model: &LlamaModel, index: usize) -> LlamaSampler {
        let mut steps = Vec::new();

        if self.repeat_penalty != 1.0 {
            steps.push(LlamaSampler::penalties(
                model.n_vocab(),
                PENALIZED_TOKENS,
                self.repeat_penalty,
                0.0,
                0.0,
            ));
        }
        if self.temperature <= 0.0 {
            steps.push(LlamaSampler::greedy());
            return LlamaSampler::chain_simple(steps);
        }

        if self.top_k > 0 {
            steps.push(LlamaSampler::top_k(i32::try_from(self.top_k).unwrap_or(i32::MAX)));
        }
        steps.push(LlamaSampler::top_p(self.top_p, 1));
        steps.push(LlamaSampler::min_p(self.min_p, 1));
        steps.push(LlamaSampler::temp(self.temperature));

        let index = u32::try_from(index).unwrap_or(u32::MAX);
        steps.push(LlamaSampler::dist(self.seed.wrapping_add(index)));
        LlamaSampler::chain_simple(steps)
    }
}
