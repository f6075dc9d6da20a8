//! An answer while it is generated.

use llama_cpp_2::{token::LlamaToken, vocab::LlamaVocab};

use crate::{
    generation::{AnswerProgress, GeneratedText, GenerationEnd, GenerationOptions, TokenLogprobs},
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
    logprobs: Vec<TokenLogprobs>,
    /// How many bytes of `text` and how many entries of `logprobs` were reported.
    reported: (usize, usize),
}

impl Answer {
    pub(crate) fn new(prompt: Vec<LlamaToken>) -> Self {
        let prompt_tokens = prompt.len();
        Self {
            tokens: prompt,
            prompt_tokens,
            read: 0,
            text: Vec::new(),
            logprobs: Vec::new(),
            reported: (0, 0),
        }
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

    /// Whether the model has not read the whole prompt.
    pub(crate) const fn is_reading_prompt(&self) -> bool {
        self.read < self.prompt_tokens
    }

    /// Appends the token that follows. Returns why the answer ends, if it does.
    pub(crate) fn push_token(
        &mut self,
        token: LlamaToken,
        logprobs: Option<TokenLogprobs>,
        vocab: &LlamaVocab<'_>,
        options: &GenerationOptions,
    ) -> Option<GenerationEnd> {
        if vocab.is_eog(token) {
            return Some(GenerationEnd::Model);
        }

        self.tokens.push(token);
        self.logprobs.extend(logprobs);
        self.text.extend(vocab.token_to_piece(token, false, None));

        if let Some(length) = find_stop(&self.text, &options.stop) {
            self.text.truncate(length);
            return Some(GenerationEnd::Model);
        }
        let count = self.tokens.len() - self.prompt_tokens;
        (count >= options.max_tokens).then_some(GenerationEnd::Limit)
    }

    /// Returns what was not returned before. Unless the answer ended, keeps back what may be the
    /// beginning of a character or of a stop text.
    pub(crate) fn take_progress(&mut self, has_ended: bool, stop: &[String]) -> AnswerProgress {
        let (text_bytes, logprobs) = self.reported;
        let unreported = self.text.get(text_bytes..).unwrap_or_default();
        let kept = if has_ended { 0 } else { stop_beginning(unreported, stop) };
        let complete = complete_length(unreported.get(..unreported.len() - kept).unwrap_or(&[]));

        let text = String::from_utf8_lossy(unreported.get(..complete).unwrap_or_default());
        let progress = AnswerProgress {
            text: text.into_owned(),
            logprobs: self.logprobs.get(logprobs..).unwrap_or_default().to_vec(),
        };
        self.reported = (text_bytes + complete, self.logprobs.len());
        progress
    }

    /// The answer, which ends for this reason.
    pub(crate) fn finish(self, end: GenerationEnd) -> GeneratedText {
        let answer = self.tokens.get(self.prompt_tokens..).unwrap_or_default();
        let complete = self.text.get(..complete_length(&self.text)).unwrap_or_default();

        GeneratedText {
            text: String::from_utf8_lossy(complete).into_owned(),
            token_ids: answer.iter().copied().map(token_id).collect(),
            logprobs: self.logprobs,
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

/// The length of the longest end of `text` with which a stop text begins.
fn stop_beginning(text: &[u8], stop: &[String]) -> usize {
    let longest = |stop: &String| {
        let most = stop.len().saturating_sub(1).min(text.len());
        (1..=most)
            .rev()
            .find(|&length| text.ends_with(stop.as_bytes().get(..length).unwrap_or(b"")))
    };
    stop.iter().filter_map(longest).max().unwrap_or(0)
}

/// The length without the beginning of a character whose other bytes were not generated.
fn complete_length(bytes: &[u8]) -> usize {
    let mut start = 0;

    while let Err(error) = std::str::from_utf8(bytes.get(start..).unwrap_or_default()) {
        match error.error_len() {
            Some(length) => start += error.valid_up_to() + length,
            None => return start + error.valid_up_to(),
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete_text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(&bytes[..complete_length(bytes)]).into_owned()
    }

    #[test]
    fn a_text_never_ends_inside_of_a_character() {
        assert_eq!(complete_text("a crab 🦀".as_bytes()), "a crab 🦀");
        for cut in 1..4 {
            let bytes = "a crab 🦀".as_bytes();
            assert_eq!(complete_text(&bytes[..bytes.len() - cut]), "a crab ");
        }
        assert_eq!(complete_text(b"a\xff, b"), "a\u{fffd}, b", "the model's own fault is visible");
        assert_eq!(complete_text(b"a\xff \xf0\x9f"), "a\u{fffd} ", "also before a cut character");
    }

    #[test]
    fn the_first_stop_text_ends_an_answer() {
        let stop = ["\n\n".to_owned(), "END".to_owned()];
        assert_eq!(find_stop(b"one END two\n\n", &stop), Some(4));
        assert_eq!(find_stop(b"one\n\ntwo END", &stop), Some(3));
        assert_eq!(find_stop(b"one\ntwo", &stop), None);
        assert_eq!(find_stop(b"", &stop), None);
    }

    #[test]
    fn progress_keeps_back_beginnings_of_characters_and_of_stop_texts() {
        let stop = ["END".to_owned()];
        let mut answer = Answer::new(Vec::new());
        let mut add = |bytes: &[u8], has_ended| {
            answer.text.extend(bytes);
            answer.take_progress(has_ended, &stop).text
        };

        assert_eq!(add(b"one E", false), "one ");
        assert_eq!(add(b"N", false), "");
        assert_eq!(add(b"T \xf0\x9f", false), "ENT ");
        assert_eq!(add(b"\xa6\x80", false), "🦀");
        assert_eq!(add(b" EN", true), " EN");
        assert_eq!(add(b"", true), "");
    }
}
