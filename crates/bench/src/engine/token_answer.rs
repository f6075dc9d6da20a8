//! One answer in tokens, by the engine and by another binding.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A prompt, and the answer of the likeliest tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// The tokens of the prompt, with the marks of its message.
    pub prompt_ids: Vec<u32>,
    /// The tokens of the answer.
    pub token_ids: Vec<u32>,
    /// The text of the answer.
    pub text: String,
}

/// How far two answers agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// There is only one answer.
    NotCompared,
    /// The templates or the tokenizers differ.
    OtherPrompts,
    /// All tokens are equal.
    Equal {
        /// The tokens of each answer.
        tokens: usize,
    },
    /// The answers have equal tokens only at their beginning.
    EqualBeginning {
        /// The equal tokens before the first that differs.
        equal: usize,
        /// The tokens of the longer answer.
        tokens: usize,
    },
}

impl Agreement {
    /// Compares two answers to one prompt.
    pub fn of_answers(ours: Option<&TokenAnswer>, theirs: Option<&TokenAnswer>) -> Self {
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            return Self::NotCompared;
        };
        if ours.prompt_ids != theirs.prompt_ids {
            return Self::OtherPrompts;
        }

        let tokens = ours.token_ids.len().max(theirs.token_ids.len());
        let pairs = ours.token_ids.iter().zip(&theirs.token_ids);
        match pairs.take_while(|(one, other)| one == other).count() {
            equal if equal == tokens => Self::Equal { tokens },
            equal => Self::EqualBeginning { equal, tokens },
        }
    }
}

impl Agreement {
    /// Returns the equal tokens at the beginning as a part of all; `None` if there is only one
    /// answer. Answers to other tokens of a prompt have none.
    pub fn equal_part(self) -> Option<f64> {
        match self {
            Self::NotCompared => None,
            Self::OtherPrompts => Some(0.0),
            Self::Equal { .. } => Some(1.0),
            Self::EqualBeginning { equal, tokens } => Some(equal as f64 / tokens as f64),
        }
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCompared => f.write_str("the text of an answer was not compared"),
            Self::OtherPrompts => f.write_str(
                "the text of an answer was not compared: the peer reads other tokens for a prompt",
            ),
            Self::Equal { tokens } => {
                write!(f, "an answer of {tokens} tokens is the same by the engine and by the peer")
            }
            Self::EqualBeginning { equal, tokens } => write!(
                f,
                "an answer is the same by the engine and by the peer in its first {equal} tokens \
                 of {tokens}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(prompt_ids: &[u32], token_ids: &[u32]) -> TokenAnswer {
        let text = String::new();
        TokenAnswer { prompt_ids: prompt_ids.to_vec(), token_ids: token_ids.to_vec(), text }
    }

    #[test]
    fn answers_agree_up_to_the_first_token_that_differs() {
        let ours = answer(&[1, 2], &[7, 8, 9]);
        let agreement = |theirs: &TokenAnswer| Agreement::of_answers(Some(&ours), Some(theirs));

        assert_eq!(agreement(&ours), Agreement::Equal { tokens: 3 });
        let others: [(&[u32], usize, usize); 4] =
            [(&[7, 8, 1], 2, 3), (&[7, 8], 2, 3), (&[7, 8, 9, 9], 3, 4), (&[], 0, 3)];
        for (token_ids, equal, tokens) in others {
            let expected = Agreement::EqualBeginning { equal, tokens };
            assert_eq!(agreement(&answer(&[1, 2], token_ids)), expected);
        }
        assert_eq!(agreement(&ours).equal_part(), Some(1.0));
        assert_eq!(agreement(&answer(&[1, 2], &[7, 8, 9, 9])).equal_part(), Some(0.75));

        let other = agreement(&answer(&[1, 3], &[7, 8, 9]));
        assert_eq!((other, other.equal_part()), (Agreement::OtherPrompts, Some(0.0)));
        let missing = Agreement::of_answers(Some(&ours), None);
        assert_eq!((missing, missing.equal_part()), (Agreement::NotCompared, None));
        assert_eq!(Agreement::of_answers(None, Some(&ours)), Agreement::NotCompared);
    }
}
