//! Texts to tokens and back for chat models, as their GGUF file says.

use tokenizers::{
    Tokenizer,
    models::bpe::{BPE, Vocab},
    pre_tokenizers::{
        PreTokenizerWrapper, byte_level::ByteLevel, digits::Digits, sequence::Sequence,
    },
};

use crate::{EngineError, gguf::Gguf};

/// What the model's own template puts before a conversation that has no system message.
const SYSTEM: &str = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";

/// A tokenizer, and the marks around messages.
pub(crate) struct Chat {
    tokenizer: Tokenizer,
    start: u32,
    end: u32,
    /// Tokens from here on are words; those before are marks.
    end_of_text: u32,
}

impl Chat {
    pub(crate) fn read(file: &Gguf<'_>) -> Result<Self, EngineError> {
        let (model, pre) = (file.text("tokenizer.ggml.model")?, file.text("tokenizer.ggml.pre")?);
        if (model, pre) != ("gpt2", "smollm") {
            return Err(EngineError::Tokenizer(format!("the kind {model}, {pre} is not known")));
        }
        let tokens = file.texts("tokenizer.ggml.tokens")?;
        let id = |word: &str| {
            let found = tokens
                .iter()
                .position(|token| *token == word)
                .and_then(|id| u32::try_from(id).ok());
            found.ok_or_else(|| EngineError::Tokenizer(format!("{word} is not in the vocabulary")))
        };
        let [start, end, end_of_text] =
            [id("<|im_start|>")?, id("<|im_end|>")?, id("<|endoftext|>")?];
        let vocabulary: Vocab =
            tokens.iter().zip(0_u32..).map(|(token, id)| ((*token).to_owned(), id)).collect();
        let pair = |merge: &str| {
            merge.split_once(' ').map(|(left, right)| (left.to_owned(), right.to_owned()))
        };
        let merges =
            file.texts("tokenizer.ggml.merges")?.into_iter().map(pair).collect::<Option<Vec<_>>>();
        let merges =
            merges.ok_or_else(|| EngineError::Tokenizer("a merge is no pair".to_owned()))?;
        let words = BPE::builder().vocab_and_merges(vocabulary, merges).build().map_err(failed)?;
        let mut tokenizer = Tokenizer::new(words);
        let pieces = [Digits::new(true).into(), ByteLevel::new(false, true, true).into()];
        tokenizer.with_pre_tokenizer(Some(PreTokenizerWrapper::Sequence(Sequence::new(
            pieces.to_vec(),
        ))));
        tokenizer.with_decoder(Some(ByteLevel::default()));
        Ok(Self { tokenizer, start, end, end_of_text })
    }

    /// The tokens of a text. Marks that are written out in it are words like all others.
    pub(crate) fn words(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        Ok(self.tokenizer.encode(text, false).map_err(failed)?.get_ids().to_vec())
    }

    /// What the model reads so that it answers `prompt`: the system message, the question, the
    /// beginning of the answer.
    pub(crate) fn question(&self, prompt: &str) -> Result<Vec<u32>, EngineError> {
        let line = self.words("\n")?;
        let mut tokens = Vec::new();
        for (role, message) in [("system", SYSTEM), ("user", prompt)] {
            tokens.push(self.start);
            tokens.extend(self.words(&format!("{role}\n{message}"))?);
            tokens.push(self.end);
            tokens.extend(&line);
        }
        tokens.push(self.start);
        tokens.extend(self.words("assistant\n")?);
        Ok(tokens)
    }

    /// Whether the model says with this token that it is done.
    pub(crate) const fn ends(&self, token: u32) -> bool {
        token == self.end || token == self.end_of_text
    }

    /// The text of an answer.
    pub(crate) fn text(&self, tokens: &[u32]) -> Result<String, EngineError> {
        self.tokenizer.decode(tokens, false).map_err(failed)
    }
}

fn failed(error: impl ToString) -> EngineError {
    EngineError::Tokenizer(error.to_string())
}
