//! An answer that runs.

use llama_cpp_2::{context::LlamaContext, sampling::LlamaSampler, token::LlamaToken};
use llguidance::Matcher;

use super::request::Request;
use crate::{
    EngineError,
    answer::Answer,
    chat_model::ChatModel,
    format::format_error,
    generation::{AnswerEvent, GenerationEnd},
    loaded::token_id,
    logprobs::likeliest_tokens,
};

/// An answer that runs.
pub(super) struct Running {
    pub request: Request,
    pub answer: Answer,
    sampler: LlamaSampler,
}

impl Running {
    /// Begins the answer to a request.
    pub fn start(model: &ChatModel, mut request: Request) -> Self {
        let prompt = std::mem::take(&mut request.prompt);
        let sampler = request.options.sampling.new_sampler(model.weights(), request.index);
        Self { answer: Answer::new(prompt), request, sampler }
    }

    /// Chooses the token that follows by the scores in a row of the context, and reports it. Returns
    /// why the answer ends, if it does.
    ///
    /// # Errors
    /// If no token suits the form that the answer must have.
    pub fn append_token(
        &mut self,
        model: &ChatModel,
        context: &LlamaContext<'_>,
        row: i32,
    ) -> Result<Option<GenerationEnd>, EngineError> {
        let token = match &mut self.request.matcher {
            Some(matcher) => choose_matching(matcher, &mut self.sampler, context, row)?,
            None => self.sampler.sample(context, row),
        };

        let options = &self.request.options;
        let vocab = model.vocab();
        let logprobs = options
            .logprobs
            .map(|count| likeliest_tokens(context.get_logits_ith(row), token, count, &vocab));

        let end = self.answer.push_token(token, logprobs, &vocab, options);
        let progress = self.answer.take_progress(end.is_some(), &options.stop);
        let is_read = (self.request.sink)(AnswerEvent::Progress(progress));
        Ok(end.or((!is_read).then_some(GenerationEnd::Interrupted)))
    }

    /// Reports the end of the answer.
    pub fn end(self, end: GenerationEnd) {
        self.request.report_end(self.answer, end);
    }
}

/// Chooses among the tokens that continue the form of the answer.
fn choose_matching(
    matcher: &mut Matcher,
    sampler: &mut LlamaSampler,
    context: &LlamaContext<'_>,
    row: i32,
) -> Result<LlamaToken, EngineError> {
    let allowed = matcher.compute_mask_or_eos().map_err(format_error)?;
    let mut tokens = context.token_data_array_ith(row);
    tokens.data.retain(|token| allowed.is_allowed(token_id(token.id())));

    tokens.apply_sampler(sampler);
    let token = tokens
        .selected_token()
        .ok_or_else(|| EngineError::Format("no token continues the answer".to_owned()))?;
    sampler.accept(token);
    if !matcher.is_stopped() {
        matcher.consume_token(token_id(token)).map_err(format_error)?;
    }
    Ok(token)
}
