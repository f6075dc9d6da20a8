//! The text and the end of an answer, made again from its tokens.

use llama_cpp_2::token::LlamaToken;

use crate::{
    EngineError, Generator,
    answer::Answer,
    generation::{GenerationEnd, GenerationOptions},
};

/// What the tokens of an answer say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayedAnswer {
    /// The answer's text.
    pub text: String,
    /// Why the answer ends behind its last token: a stop text, or the number of tokens. `None` if
    /// only the model can have ended it.
    pub end: Option<GenerationEnd>,
}

impl Generator {
    /// Makes the text and the end of an answer again from its tokens; `None` if they continue
    /// behind an end.
    ///
    /// # Errors
    /// If the answer names a token that the model does not have.
    pub fn replay_answer(
        &self,
        answer: &[u32],
        options: &GenerationOptions,
    ) -> Result<Option<ReplayedAnswer>, EngineError> {
        let tokens = self.known_tokens(answer)?;
        let vocab = self.model().vocab();
        let mut replayed = Answer::new(Vec::new());
        let mut end = None;

        for token in tokens {
            if end.is_some() || vocab.is_eog(token) {
                return Ok(None);
            }
            end = replayed.push_token(token, None, &vocab, options);
        }

        let text = replayed.finish(GenerationEnd::Limit).text;
        Ok(Some(ReplayedAnswer { text, end }))
    }

    /// The tokens with these numbers.
    ///
    /// # Errors
    /// If the model does not have one of them.
    pub(super) fn known_tokens(&self, ids: &[u32]) -> Result<Vec<LlamaToken>, EngineError> {
        let known = u32::try_from(self.model().weights().n_vocab()).unwrap_or(0);

        let token = |id: &u32| match i32::try_from(*id) {
            Ok(number) if *id < known => Ok(LlamaToken::new(number)),
            Ok(_) | Err(_) => Err(EngineError::WrongResult(format!("the model has no token {id}"))),
        };
        ids.iter().map(token).collect()
    }
}
