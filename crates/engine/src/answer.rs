//! An answer while it is generated.

use llama_cpp_2::{sampling::LlamaSampler, token::LlamaToken, vocab::LlamaVocab};

use crate::{
    generation::{GeneratedText, GenerationEnd, GenerationOptions},
    loaded::token_id,
};

/// An answer while it is generated.
pub(crate) struct Answer {
    /// The tokens of the prompt, then those of the answer.
    tokens: Vec<LlamaToken>,
    prompt_tokens: usize,
    /// How many of `tokens` the model has read.
    read: usize,
    /// The answer's text in bytes: a token may end inside of a character.
    text: Vec<u8>,
    sampler: LlamaSampler,
}

impl Answer {
    pub(crate) fn new(prompt: Vec<LlamaToken>, sampler: LlamaSampler) -> Self {
        let prompt_tokens = prompt.len();
        Self { tokens: prompt, prompt_tokens, read: 0, text: Vec::new(), sampler }
    }

    /// The tokens that the model has not read, at most `room`, with the position of the first.
    /// Counts them as read.
    pub(crate) fn take_unread(&mut self, room: usize) -> (usize, &[LlamaToken]) {
        let start = self.read;
        self.read = self.tokens.len().min(start.saturating_add(room));
        (start, self.tokens.get(start..self.read).unwrap_or_default())
    }

    /// Whether the model has read everything, so that it can say what follows.
    pub(crate) const fn is_read(&self) -> bool {
        self.read == self.tokens.len()
    }

    pub(crate) const fn sampler(&mut self) -> &mut LlamaSampler {
        &mut self.sampler
    }

    /// Appends the token that follows. Returns why the answer ends, if it does.
    pub(crate) fn push_token(
        &mut self,
        token: LlamaToken,
        vocab: &LlamaVocab<'_>,
        options: &GenerationOptions,
    ) -> Option<GenerationEnd> {
        if vocab.is_eog(token) {
            return Some(GenerationEnd::Model);
        }

        self.tokens.push(token);
        self.text.extend(vocab.token_to_piece(token, false, None));

        if let Some(length) = find_stop(&self.text, &options.stop) {
            self.text.truncate(length);
            return Some(GenerationEnd::Model);
        }
        let count = self.tokens.len() - self.prompt_tokens;
        (count >= options.max_tokens).then_some(GenerationEnd::Limit)
    }

    /// The answer, which ends for this reason.
    pub(crate) fn finish(self, end: GenerationEnd) -> GeneratedText {
        let answer = self.tokens.get(self.prompt_tokens..).unwrap_or_default();

        GeneratedText {
            text: complete_text(&self.text),
            token_ids: answer.iter().copied().map(token_id).collect(),
            end,
            prompt_tokens: self.prompt_tokens,
        }
    }
}

/// The place of the first stop text.
fn find_stop(text: &[u8], stop: &[String]) -> Option<usize> {
    let place = |stop: &String| {
        text.windows(stop.len().max(1)).position(|window| window == stop.as_bytes())
    };
    stop.iter().filter_map(place).min()
}

/// The text without the beginning of a character whose other bytes were not generated.
fn complete_text(bytes: &[u8]) -> String {
    let is_cut = std::str::from_utf8(bytes).err().filter(|error| error.error_len().is_none());
    let complete = is_cut.map_or(bytes.len(), |error| error.valid_up_to());

    String::from_utf8_lossy(bytes.get(..complete).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_never_ends_inside_of_a_character() {
        assert_eq!(complete_text("a crab 🦀".as_bytes()), "a crab 🦀");
        for cut in 1..4 {
            let bytes = "a crab 🦀".as_bytes();
            assert_eq!(complete_text(&bytes[..bytes.len() - cut]), "a crab ");
        }
        assert_eq!(complete_text(b"a\xff, b"), "a\u{fffd}, b", "the model's own fault is visible");
    }

    #[test]
    fn the_first_stop_text_ends_an_answer() {
        let stop = ["\n\n".to_owned(), "END".to_owned()];
        assert_eq!(find_stop(b"one END two\n\n", &stop), Some(4));
        assert_eq!(find_stop(b"one\n\ntwo END", &stop), Some(3));
        assert_eq!(find_stop(b"one\ntwo", &stop), None);
        assert_eq!(find_stop(b"", &stop), None);
    }
}
