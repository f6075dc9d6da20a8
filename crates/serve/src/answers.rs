//! The answers that the engine generates for a request.

use std::{sync::Arc, time::Instant};

use nosana_engine::{AnswerEvent, AnswerProgress, GeneratedText, GenerationEnd};
use tokio::task::spawn_blocking;

use crate::{
    error::ApiError,
    state::{Phase, ServerState},
    submission::{AnswerOrder, SubmittedAnswers, submit_prompts},
};

/// The answers that the engine generates for a request. Dropping this ends them.
pub(crate) struct Answers {
    state: Arc<ServerState>,
    submitted: SubmittedAnswers,
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

        let AnswerOrder { param, .. } = order;
        let turns = state.preparation_turns(order.settings.options.format.is_some());
        let turn = turns.acquire().await.map_err(|_| ApiError::shutting_down())?;
        let owner = Arc::clone(state);
        let submission = move || submit_prompts(&owner, order, places, arrived);
        let submitted = spawn_blocking(submission).await;

        drop(turn);
        let submitted = submitted.map_err(|_| ApiError::engine_failure())??;
        Ok(Self { state: Arc::clone(state), submitted, param })
    }

    /// The number of answers.
    pub(crate) const fn count(&self) -> usize {
        self.submitted.running.len()
    }

    /// Waits for what happens next, with the number of its answer.
    ///
    /// # Errors
    /// If the engine fails, the server ends, or the client read too slowly.
    pub(crate) async fn next_step(&mut self) -> Result<(usize, AnswerStep), ApiError> {
        let received = tokio::select! {
            received = self.submitted.events.recv() => received,
            () = self.state.wait_phase(Phase::Ending) => return Err(ApiError::shutting_down()),
        };

        match received {
            Some((index, AnswerEvent::Progress(progress))) => {
                self.submitted.unsent.remove_part(&progress);
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
        let mut answers: Vec<Option<GeneratedText>> =
            self.submitted.running.iter().map(|_| None).collect();
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
