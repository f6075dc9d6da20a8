//! Texts that are longer than a model reads.

use llama_cpp_2::{token::LlamaToken, vocab::LlamaVocab};

/// What happens to a text that is longer than the model reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LongText {
    /// It is an error.
    #[default]
    Refuse,
    /// Its end is cut off.
    Truncate,
}

/// Finds the mark that a vocabulary adds behind each text; `None` if it adds none there. Some
/// vocabularies add marks whatever their file says, so that an empty text is asked: its tokens are
/// the marks.
pub(crate) fn find_end_mark(vocab: &LlamaVocab<'_>) -> Option<LlamaToken> {
    let last = vocab.tokenize(b"", true, false).last().copied()?;

    // Else it is the mark before a text.
    [vocab.sep(), vocab.eos()].contains(&last).then_some(last)
}

/// Cuts a text to `room` tokens. The mark behind it stays, if it has one.
pub(crate) fn cut_tokens(tokens: &mut Vec<LlamaToken>, room: usize, end_mark: Option<LlamaToken>) {
    match end_mark.filter(|mark| tokens.last() == Some(mark)) {
        Some(mark) => {
            tokens.truncate(room.saturating_sub(1));
            tokens.push(mark);
        }
        None => tokens.truncate(room),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts a text of five tokens to three.
    fn cut(end_mark: Option<i32>) -> Vec<i32> {
        let mut tokens: Vec<_> = [10, 11, 12, 13, 14].map(LlamaToken::new).into();
        cut_tokens(&mut tokens, 3, end_mark.map(LlamaToken::new));
        tokens.into_iter().map(|token| token.0).collect()
    }

    #[test]
    fn only_a_mark_at_the_end_stays() {
        assert_eq!(cut(Some(14)), [10, 11, 14]);
        assert_eq!(cut(None), [10, 11, 12], "the last word is not a mark");
        // The same token marks the beginning and the end elsewhere, and this file adds the first.
        assert_eq!(cut(Some(10)), [10, 11, 12]);
    }
}
