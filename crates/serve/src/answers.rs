//! The answers that the engine generates for a request.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use nosana_engine::{
    AnswerEvent, AnswerProgress, EngineError, GeneratedText, GenerationEnd, GenerationOptions,
    Generator, Prompt, RunningAnswer,
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::spawn_blocking,
};

use crate::{
    error::ApiError,
    reporter::{AnswerReporter, NumberedEvent, count_entries},
    request::AnswerSettings,
    state::{Phase, ServerState, WaitingPlace},
};

/// The most tokens of an answer if the request sets no bound.
const DEFAULT_MAX_TOKENS: usize = 1_024;

/// The answers that the engine generates for a request. Dropping this ends them.
pub(crate) struct Answers {
    state: Arc<ServerState>,
    events: UnboundedReceiver<NumberedEvent>,
    unsent: Arc<AtomicUsize>,
    running: Vec<RunningAnswer>,
    /// The field of the request that has the prompts.
    param: &'static str,
}

/// What happened to one of a request's answers.
pub(crate) enum AnswerStep {
    /// It became longer.
    Progress(AnswerProgress),
    /// It ended by itself.
    End(GeneratedText),
}

/// What a request asks of the engine.
pub(crate) struct AnswerOrder {
    pub generator: Arc<Generator>,
    pub prompts: Vec<Prompt>,
    pub settings: AnswerSettings,
    /// The field of the request that has the prompts.
    pub param: &'static str,
}

impl Answers {
    /// Queues the answers of a request.
    ///
    /// # Errors
    /// If too many requests wait, a prompt is too long, or its format cannot be compiled.
    pub(crate) async fn start(
        state: &Arc<ServerState>,
        order: AnswerOrder,
    ) -> Result<Self, ApiError> {
        let arrived = Instant::now();
        let places = state.reserve_places(order.prompts.len())?;

        let turns = state.preparation_turns(order.settings.options.format.is_some());
        let turn = turns.acquire().await.map_err(|_| ApiError::shutting_down())?;
        let owner = Arc::clone(state);
        let submitted =
            spawn_blocking(move || submit_prompts(&owner, order, places, arrived)).await;

        drop(turn);
        submitted.map_err(|_| ApiError::engine_failure())?
    }

    /// The number of answers.
    pub(crate) const fn count(&self) -> usize {
        self.running.len()
    }

    /// Waits for what happens next, with the number of its answer.
    ///
    /// # Errors
    /// If the engine fails, the server ends, or the client read too slowly.
    pub(crate) async fn next_step(&mut self) -> Result<(usize, AnswerStep), ApiError> {
        let received = tokio::select! {
            received = self.events.recv() => received,
            () = self.state.wait_phase(Phase::Ending) => return Err(ApiError::shutting_down()),
        };

        match received {
            Some((index, AnswerEvent::Progress(progress))) => {
                self.unsent.fetch_sub(count_entries(&progress), Ordering::Relaxed);
                Ok((index, AnswerStep::Progress(progress)))
            }
            Some((index, AnswerEvent::End(answer))) => match answer.end {
                GenerationEnd::Model | GenerationEnd::Limit => Ok((index, AnswerStep::End(answer))),
                GenerationEnd::Interrupted => Err(ApiError::slow_reader()),
            },
            Some((_, AnswerEvent::Failed(error))) => Err(ApiError::from_engine(&error, self.param)),
            None => Err(ApiError::engine_failure()),
        }
    }

    /// Waits for all answers.
    pub(crate) async fn collect_all(mut self) -> Result<Vec<GeneratedText>, ApiError> {
        let mut answers: Vec<Option<GeneratedText>> = self.running.iter().map(|_| None).collect();
        let mut missing = answers.len();

        while missing > 0 {
            if let (index, AnswerStep::End(answer)) = self.next_step().await?
                && let Some(place) = answers.get_mut(index)
            {
                *place = Some(answer);
                missing -= 1;
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }
}

/// Turns the prompts into tokens and queues their answers. This takes a while.
fn submit_prompts(
    state: &Arc<ServerState>,
    order: AnswerOrder,
    places: Vec<WaitingPlace>,
    arrived: Instant,
) -> Result<Answers, ApiError> {
    let AnswerOrder { generator, prompts, settings, param } = order;
    let fail = |error: EngineError| ApiError::from_engine(&error, param);
    let (sender, events) = unbounded_channel();
    let unsent = Arc::new(AtomicUsize::new(0));
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
        running.push(generator.stream(prompt, options, sink).map_err(fail)?);
    }
    Ok(Answers { state: Arc::clone(state), events, unsent, running, param })
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
