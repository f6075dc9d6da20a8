//! Questions to answers.

use std::{fs, path::Path};

use crate::{
    EngineError, Gpu,
    chat::Chat,
    error::io,
    gguf::Gguf,
    llama::{Llama, Memory},
    models::SMOLLM2_135M_INSTRUCT,
};

/// Tokens of question and answer together: what the model was trained to look back on.
pub const MAX_CONTEXT_TOKENS: usize = 8_192;
/// Tokens that are read at once: the memory for a step grows with them and with what was read
/// before.
const PIECE: usize = 128;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// The answer.
    pub text: String,
    /// Its tokens, without the one that ended it.
    pub token_ids: Vec<u32>,
    /// What ended it.
    pub end: End,
    /// Tokens that the model read before it began.
    pub prompt_tokens: usize,
}

/// What ended an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The model.
    Model,
    /// It had as many tokens as were asked for.
    Limit,
    /// It was not to go on.
    Interrupted,
}

/// SmolLM2-135M-Instruct, loaded on a graphics device.
///
/// It always takes the likeliest token, the one with the lower number where two are equally likely:
/// so an answer is fixed by the question and the device, and nodes can be compared.
pub struct Generator {
    chat: Chat,
    network: Llama,
}

impl Generator {
    /// Loads the model from a folder that [`ModelStore::ensure`](crate::ModelStore::ensure)
    /// returned.
    pub fn load(model_folder: &Path, gpu: &Gpu) -> Result<Self, EngineError> {
        let path = model_folder.join(SMOLLM2_135M_INSTRUCT.weights.name);
        let bytes = fs::read(&path).map_err(io("read", &path))?;
        let file = Gguf::parse(&bytes, &path)?;
        let (chat, network) = (Chat::read(&file)?, Llama::load(&file, gpu.device())?);
        tracing::debug!(shape = ?network.shape(), "loaded the network");
        gpu.wait()?;
        Ok(Self { chat, network })
    }

    /// The answer to `prompt`, of at most `max_tokens` tokens. `goes_on` is asked before each
    /// token: what there is when it says no is the answer.
    ///
    /// # Errors
    /// If question and answer together could be longer than [`MAX_CONTEXT_TOKENS`].
    pub fn generate(
        &self,
        prompt: &str,
        max_tokens: usize,
        goes_on: impl Fn() -> bool,
    ) -> Result<Generation, EngineError> {
        let question = self.chat.question(prompt)?;
        if question.len() + max_tokens > MAX_CONTEXT_TOKENS {
            return Err(EngineError::TooLong {
                tokens: question.len(),
                room: MAX_CONTEXT_TOKENS - max_tokens,
            });
        }
        let (mut memory, mut answer) = (Memory::default(), Vec::new());
        let mut unread = question.clone();
        let end = loop {
            if answer.len() >= max_tokens {
                break End::Limit;
            }
            let Some(logits) = self.read(&unread, &mut memory, &goes_on)? else {
                break End::Interrupted;
            };
            let next = likeliest(&logits)?;
            if self.chat.ends(next) {
                break End::Model;
            }
            answer.push(next);
            unread = vec![next];
        };
        let text = self.chat.text(&answer)?;
        Ok(Generation { text, token_ids: answer, end, prompt_tokens: question.len() })
    }

    /// Reads tokens piece by piece; what may follow the last of them, unless it is not to go on.
    fn read(
        &self,
        tokens: &[u32],
        memory: &mut Memory,
        goes_on: &impl Fn() -> bool,
    ) -> Result<Option<Vec<f32>>, EngineError> {
        let mut logits = Vec::new();
        for piece in tokens.chunks(PIECE) {
            if !goes_on() {
                return Ok(None);
            }
            logits = self.network.read(piece, memory)?;
        }
        Ok(Some(logits))
    }

    /// The tokens that the model reads for `prompt`, with what stands around it.
    pub fn prompt_ids(&self, prompt: &str) -> Result<Vec<u32>, EngineError> {
        self.chat.question(prompt)
    }

    /// How likely each token is to follow `tokens`, on an unbounded scale.
    pub fn logits(&self, tokens: &[u32]) -> Result<Vec<f32>, EngineError> {
        self.network.read(tokens, &mut Memory::default())
    }
}

/// The number of the largest value; the first of equal ones.
fn likeliest(values: &[f32]) -> Result<u32, EngineError> {
    let wrong = || EngineError::WrongResult("a token's likelihood is no number".to_owned());
    if values.iter().any(|value| !value.is_finite()) {
        return Err(wrong());
    }
    let best =
        values.iter().zip(0_u32..).reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, id)| id).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::likeliest;

    #[test]
    fn the_first_of_the_largest() {
        assert_eq!(likeliest(&[0.0, 3.0, 3.0, -1.0]).unwrap(), 1);
        assert!(likeliest(&[]).is_err() && likeliest(&[1.0, f32::NAN]).is_err());
    }
}
