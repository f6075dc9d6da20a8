//! How likely tokens are.

use llama_cpp_2::{token::LlamaToken, vocab::LlamaVocab};

use crate::{
    generation::{TokenLogprob, TokenLogprobs},
    loaded::token_id,
};

/// Returns how likely `chosen` and the `count` likeliest tokens are, by the scores of all tokens.
pub(crate) fn likeliest_tokens(
    scores: &[f32],
    chosen: LlamaToken,
    count: usize,
    vocab: &LlamaVocab<'_>,
) -> TokenLogprobs {
    let norm = log_sum(scores);
    let logprob = |token: LlamaToken| {
        let score = usize::try_from(token.0).ok().and_then(|index| scores.get(index));
        TokenLogprob {
            token_id: token_id(token),
            bytes: vocab.token_to_piece(token, true, None),
            logprob: score.map_or(f32::NEG_INFINITY, |&score| (f64::from(score) - norm) as f32),
        }
    };

    let likeliest = largest_scores(scores, count).into_iter().map(logprob).collect();
    TokenLogprobs { chosen: logprob(chosen), likeliest }
}

/// The logarithm of the sum of the exponentials, in double precision.
fn log_sum(scores: &[f32]) -> f64 {
    let largest = f64::from(scores.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let sum: f64 = scores.iter().map(|&score| (f64::from(score) - largest).exp()).sum();
    largest + sum.ln()
}

/// The tokens with the `count` largest scores, the largest first. Of equal ones, the first.
fn largest_scores(scores: &[f32], count: usize) -> Vec<LlamaToken> {
    let mut largest: Vec<(i32, f32)> = Vec::with_capacity(count.saturating_add(1));

    for (token, &score) in (0..).zip(scores) {
        let place = largest.partition_point(|&(_, other)| other >= score);
        if place < count {
            largest.truncate(count - 1);
            largest.insert(place, (token, score));
        }
    }
    largest.into_iter().map(|(token, _)| LlamaToken::new(token)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_of_all_tokens_sum_to_one() {
        let scores = [1.0, -3.5, 80.0, 79.0, 0.0];
        let norm = log_sum(&scores);
        let sum: f64 = scores.iter().map(|&score| (f64::from(score) - norm).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    }

    #[test]
    fn the_largest_scores_come_first() {
        let scores = [1.0, 5.0, -2.0, 5.0, 7.0];
        let tokens = |count| {
            largest_scores(&scores, count).into_iter().map(|token| token.0).collect::<Vec<_>>()
        };
        assert_eq!(tokens(3), [4, 1, 3]);
        assert_eq!(tokens(9), [4, 1, 3, 0, 2]);
        assert!(tokens(0).is_empty());
    }
}
