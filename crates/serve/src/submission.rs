//! Hands the prompts of a request to the engine.

use std::{sync::Arc, time::Instant};

use nosana_engine::{EngineError, GenerationOptions, Generator, Prompt, RunningAnswer};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{
    error::ApiError,
    places::WaitingPlace,
    reporter::{AnswerReporter, NumberedEvent, UnsentParts},
    request::AnswerSettings,
    state::ServerState,
};

/// The most tokens of an answer if the request sets no bound.
const DEFAULT_MAX_TOKENS: usize = 1_024;

/// What a request wants from the engine.
pub(crate) struct AnswerOrder {
    pub generator: Arc<Generator>,
    pub prompts: Vec<Prompt>,
    pub settings: AnswerSettings,
    /// The field of the request that has the prompts.
    pub param: &'static str,
}

/// The answers that the engine generates. Dropping this ends them.
pub(crate) struct SubmittedAnswers {
    pub events: UnboundedReceiver<NumberedEvent>,
    /// The parts of answers that were not received.
    pub unsent: Arc<UnsentParts>,
    pub running: Vec<RunningAnswer>,
}

/// Turns the prompts into tokens and queues their answers. This takes a while.
///
/// # Errors
/// If a prompt is empty or too long, or the format cannot be compiled.
pub(crate) fn submit_prompts(
    state: &Arc<ServerState>,
    order: AnswerOrder,
    places: Vec<WaitingPlace>,
    arrived: Instant,
) -> Result<SubmittedAnswers, ApiError> {
    let AnswerOrder { generator, prompts, settings, param } = order;
    let fail = |error: EngineError| {
        state.note_failure(&error);
        ApiError::from_engine(&error, param)
    };
    let (sender, events) = unbounded_channel();
    let unsent = Arc::new(UnsentParts::default());
    let mut running = Vec::new();

    for ((index, prompt), place) in prompts.iter().enumerate().zip(places) {
        let mut options = GenerationOptions {
            max_tokens: choose_length(&generator, prompt, settings.max_tokens).map_err(fail)?,
            ..settings.options.clone()
        };
        // Answers to equal prompts differ.
        let number = u32::try_from(index).unwrap_or(0);
        options.sampling.seed = options.sampling.seed.wrapping_add(number);

        let mut reporter = AnswerReporter {
            state: Arc::clone(state),
            index,
            events: UnboundedSender::clone(&sender),
            unsent: Arc::clone(&unsent),
            is_streamed: settings.stream.is_some(),
            arrived,
            waiting: Some(place),
            running: None,
            _open: state.open_answer(),
        };
        let sink = Box::new(move |event| reporter.report_event(event));
        let answer = generator.stream(prompt, options, sink).map_err(fail)?;
        if answer.prompt_tokens == 0 {
            // No token would follow. A chat template can make this of any messages.
            return Err(ApiError::invalid_field(param, "the prompt has no tokens; send a text"));
        }
        running.push(answer);
    }
    Ok(SubmittedAnswers { events, unsent, running })
}

/// Returns the most tokens of an answer. A default is shortened to what fits behind the prompt.
fn choose_length(
    generator: &Generator,
    prompt: &Prompt,
    requested: Option<usize>,
) -> Result<usize, EngineError> {
    match requested {
        Some(tokens) => Ok(tokens),
        None => {
            let room = generator.max_tokens().saturating_sub(generator.prompt_ids(prompt)?.len());
            Ok(DEFAULT_MAX_TOKENS.min(room).max(1))
        }
    }
}
