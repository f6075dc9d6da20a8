//! Texts to tokens and back for chat models, as their GGUF file defines it.

use tokenizers::{
    Tokenizer,
    models::bpe::{BPE, Vocab},
    pre_tokenizers::{
        PreTokenizerWrapper, byte_level::ByteLevel, digits::Digits, sequence::Sequence,
    },
};

use crate::{EngineError, error::tokenizer_error, gguf::Gguf};

/// The system message of the model's own template, for a conversation that has none.
const SYSTEM_MESSAGE: &str = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";

/// A tokenizer, and the marks around messages.
pub(crate) struct Chat {
    tokenizer: Tokenizer,
    start: u32,
    end: u32,
    /// Ends a text, as `end` ends a message.
    end_of_text: u32,
}

impl Chat {
    pub(crate) fn from_gguf(file: &Gguf<'_>) -> Result<Self, EngineError> {
        let model = file.text_value("tokenizer.ggml.model")?;
        let pre = file.text_value("tokenizer.ggml.pre")?;

        if (model, pre) != ("gpt2", "smollm") {
            return Err(EngineError::Tokenizer(format!("the kind {model}, {pre} is not known")));
        }

        let tokens = file.text_values("tokenizer.ggml.tokens")?;
        let id = |word: &str| {
            let found = tokens
                .iter()
                .position(|token| *token == word)
                .and_then(|id| u32::try_from(id).ok());
            found.ok_or_else(|| EngineError::Tokenizer(format!("{word} is not in the vocabulary")))
        };
        let start = id("<|im_start|>")?;
        let end = id("<|im_end|>")?;
        let end_of_text = id("<|endoftext|>")?;

        let vocabulary: Vocab =
            tokens.iter().zip(0_u32..).map(|(token, id)| ((*token).to_owned(), id)).collect();
        let pair = |merge: &str| {
            merge.split_once(' ').map(|(left, right)| (left.to_owned(), right.to_owned()))
        };
        let merges = file
            .text_values("tokenizer.ggml.merges")?
            .into_iter()
            .map(pair)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| EngineError::Tokenizer("a merge is not a pair of words".to_owned()))?;
        let words =
            BPE::builder().vocab_and_merges(vocabulary, merges).build().map_err(tokenizer_error)?;

        let mut tokenizer = Tokenizer::new(words);
        let pieces = vec![Digits::new(true).into(), ByteLevel::new(false, true, true).into()];
        tokenizer.with_pre_tokenizer(Some(PreTokenizerWrapper::Sequence(Sequence::new(pieces))));
        tokenizer.with_decoder(Some(ByteLevel::default()));

        Ok(Self { tokenizer, start, end, end_of_text })
    }

    /// The tokens of a text. Marks that are written out in it are ordinary words.
    pub(crate) fn encode_text(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        Ok(self.tokenizer.encode(text, false).map_err(tokenizer_error)?.get_ids().to_vec())
    }

    /// The tokens that the model reads for `prompt`: the system message, the prompt, and the start
    /// of the answer.
    pub(crate) fn encode_prompt(&self, prompt: &str) -> Result<Vec<u32>, EngineError> {
        let line_end = self.encode_text("\n")?;
        let mut tokens = Vec::new();

        for (role, message) in [("system", SYSTEM_MESSAGE), ("user", prompt)] {
            tokens.push(self.start);
            tokens.extend(self.encode_text(&format!("{role}\n{message}"))?);
            tokens.push(self.end);
            tokens.extend(&line_end);
        }

        tokens.push(self.start);
        tokens.extend(self.encode_text("assistant\n")?);
        Ok(tokens)
    }

    /// Whether the model ends its answer with this token.
    pub(crate) const fn is_end(&self, token: u32) -> bool {
        token == self.end || token == self.end_of_text
    }

    /// The text of an answer.
    pub(crate) fn decode_tokens(&self, tokens: &[u32]) -> Result<String, EngineError> {
        self.tokenizer.decode(tokens, false).map_err(tokenizer_error)
    }
}
