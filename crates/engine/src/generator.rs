//! Prompts to answers.

use std::{fs, path::Path};

use crate::{
    EngineError, Gpu,
    chat::Chat,
    error::io_error,
    gguf::Gguf,
    llama::{Llama, Memory},
    models::SMOLLM2_135M_INSTRUCT,
};

/// The most tokens of prompt and answer together: the context with which the model was trained.
pub const MAX_CONTEXT_TOKENS: usize = 8_192;
/// The tokens that are read at once. The memory for a step grows with them and with the tokens
/// before them.
const CHUNK_TOKENS: usize = 128;

/// An answer of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedText {
    /// The answer's text.
    pub text: String,
    /// Its tokens, without the one that ended it.
    pub token_ids: Vec<u32>,
    /// Why it ended.
    pub end: GenerationEnd,
    /// The number of tokens that the model read before the answer.
    pub prompt_tokens: usize,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenerationEnd {
    /// The model ended it.
    Model,
    /// It has the requested number of tokens.
    Limit,
    /// The caller stopped it.
    Interrupted,
}

/// SmolLM2-135M-Instruct, loaded on a graphics device.
///
/// It always takes the likeliest token, and the one with the lower number if two are equally
/// likely. So the prompt and the device determine the answer, and answers of nodes can be compared.
pub struct Generator {
    chat: Chat,
    network: Llama,
}

impl Generator {
    /// Loads the model from a folder that [`ModelStore::ensure`](crate::ModelStore::ensure)
    /// returned.
    pub fn load(model_folder: &Path, gpu: &Gpu) -> Result<Self, EngineError> {
        let path = model_folder.join(SMOLLM2_135M_INSTRUCT.weights.name);
        let bytes = fs::read(&path).map_err(io_error("read", &path))?;
        let file = Gguf::parse(&bytes, &path)?;

        let chat = Chat::from_gguf(&file)?;
        let network = Llama::from_gguf(&file, gpu.tensor_device())?;
        tracing::debug!(shape = ?network.shape(), "loaded the network");
        gpu.wait_idle()?;

        Ok(Self { chat, network })
    }

    /// Answers `prompt` with at most `max_tokens` tokens. `may_continue` is called before each
    /// token; returning false stops generation and keeps the text so far.
    ///
    /// # Errors
    /// If prompt and answer together could be longer than [`MAX_CONTEXT_TOKENS`].
    pub fn generate(
        &self,
        prompt: &str,
        max_tokens: usize,
        may_continue: impl Fn() -> bool,
    ) -> Result<GeneratedText, EngineError> {
        let question = self.chat.encode_prompt(prompt)?;

        if question.len() + max_tokens > MAX_CONTEXT_TOKENS {
            return Err(EngineError::TooLong {
                tokens: question.len(),
                room: MAX_CONTEXT_TOKENS - max_tokens,
            });
        }

        let mut memory = Memory::default();
        let mut answer = Vec::new();
        let mut unread = question.clone();

        let end = loop {
            if answer.len() >= max_tokens {
                break GenerationEnd::Limit;
            }
            let Some(logits) = self.read_chunks(&unread, &mut memory, &may_continue)? else {
                break GenerationEnd::Interrupted;
            };

            let next = likeliest_token(&logits)?;
            if self.chat.is_end(next) {
                break GenerationEnd::Model;
            }
            answer.push(next);
            unread = vec![next];
        };

        let text = self.chat.decode_tokens(&answer)?;
        Ok(GeneratedText { text, token_ids: answer, end, prompt_tokens: question.len() })
    }

    /// Reads tokens in chunks. Returns how likely each token is to follow the last of them; `None`
    /// if `may_continue` returns false.
    fn read_chunks(
        &self,
        tokens: &[u32],
        memory: &mut Memory,
        may_continue: &impl Fn() -> bool,
    ) -> Result<Option<Vec<f32>>, EngineError> {
        let mut logits = Vec::new();

        for chunk in tokens.chunks(CHUNK_TOKENS) {
            if !may_continue() {
                return Ok(None);
            }
            logits = self.network.read_tokens(chunk, memory)?;
        }
        Ok(Some(logits))
    }

    /// The tokens that the model reads for `prompt`, including the marks of messages.
    pub fn prompt_ids(&self, prompt: &str) -> Result<Vec<u32>, EngineError> {
        self.chat.encode_prompt(prompt)
    }

    /// How likely each token is to follow `tokens`, on an unbounded scale.
    pub fn next_logits(&self, tokens: &[u32]) -> Result<Vec<f32>, EngineError> {
        self.network.read_tokens(tokens, &mut Memory::default())
    }
}

/// The number of the largest value; the first of equal ones.
fn likeliest_token(values: &[f32]) -> Result<u32, EngineError> {
    let wrong = || EngineError::WrongResult("a token's likelihood is not a number".to_owned());
    if values.iter().any(|value| !value.is_finite()) {
        return Err(wrong());
    }

    let mut best: Option<(f32, u32)> = None;
    for (&value, id) in values.iter().zip(0_u32..) {
        if best.is_none_or(|(largest, _)| value > largest) {
            best = Some((value, id));
        }
    }
    best.map(|(_, id)| id).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::likeliest_token;

    #[test]
    fn the_first_of_the_largest() {
        assert_eq!(likeliest_token(&[0.0, 3.0, 3.0, -1.0]).unwrap(), 1);
        assert!(likeliest_token(&[]).is_err());
        assert!(likeliest_token(&[1.0, f32::NAN]).is_err());
    }
}
