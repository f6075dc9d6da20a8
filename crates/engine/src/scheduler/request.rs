//! A prompt with what its caller receives.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use llama_cpp_2::token::LlamaToken;
use llguidance::Matcher;

use crate::{
    EngineError,
    answer::Answer,
    generation::{AnswerEvent, GenerationEnd, GenerationOptions},
};

/// Receives what happens to an answer. Returns false once nobody reads it, which ends the answer.
pub(crate) type AnswerSink = Box<dyn FnMut(AnswerEvent) -> bool + Send>;

/// A prompt with what its caller receives.
pub(crate) struct Request {
    /// The tokens of the prompt.
    pub prompt: Vec<LlamaToken>,
    pub options: Arc<GenerationOptions>,
    /// Chooses among the tokens of the form that the answer must have.
    pub matcher: Option<Matcher>,
    /// The number of the answer among those that its caller requested together. It is added to the
    /// seed.
    pub index: usize,
    pub sink: AnswerSink,
    /// Set by the caller to end the answer early.
    pub stop: Arc<AtomicBool>,
}

impl Request {
    /// The tokens of the prompt and of the longest answer.
    pub fn needed_tokens(&self) -> usize {
        self.prompt.len().saturating_add(self.options.max_tokens)
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Reports an answer without a token.
    pub fn interrupt(mut self) {
        let answer = Answer::new(std::mem::take(&mut self.prompt));
        self.report_end(answer, GenerationEnd::Interrupted);
    }

    /// Reports the end of the answer.
    pub fn report_end(mut self, answer: Answer, end: GenerationEnd) {
        (self.sink)(AnswerEvent::End(answer.finish(end)));
    }

    /// Reports why there is no answer.
    pub fn fail(mut self, error: EngineError) {
        (self.sink)(AnswerEvent::Failed(error));
    }
}
