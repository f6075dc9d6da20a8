//! Passes an answer from the engine's thread to the request that waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use nosana_engine::{AnswerEvent, AnswerProgress, GeneratedText};
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    places::{OpenAnswer, RunningPlace, WaitingPlace},
    state::ServerState,
};

/// The most entries of a request that were generated and not sent: a token, and each token that is
/// reported in its place. About 400 KiB of memory. Beyond it, the answer ends.
const MAX_UNSENT: usize = 4_096;

/// What happened to an answer, with its number among those of its request.
pub(crate) type NumberedEvent = (usize, AnswerEvent);

/// Receives what happens to one answer on the engine's thread.
pub(crate) struct AnswerReporter {
    pub state: Arc<ServerState>,
    pub index: usize,
    pub events: UnboundedSender<NumberedEvent>,
    /// The entries of the request that were not sent, of all its answers.
    pub unsent: Arc<AtomicUsize>,
    /// Whether the request reads the answer while it is generated.
    pub is_streamed: bool,
    /// When the request arrived.
    pub arrived: Instant,
    /// Until the model generates the first token.
    pub waiting: Option<WaitingPlace>,
    /// From then on.
    pub running: Option<RunningPlace>,
    pub _open: OpenAnswer,
}

impl AnswerReporter {
    /// Passes an event. Returns false to end the answer, because nobody reads it.
    pub(crate) fn report_event(&mut self, event: AnswerEvent) -> bool {
        match &event {
            AnswerEvent::Progress(progress) => {
                self.note_first_token();
                if !self.is_streamed || is_empty(progress) {
                    return !self.events.is_closed();
                }

                let entries = count_entries(progress);
                if self.unsent.fetch_add(entries, Ordering::Relaxed) + entries > MAX_UNSENT {
                    return false;
                }
            }
            AnswerEvent::End(answer) => self.count_answer(answer),
            AnswerEvent::Failed(error) => self.state.note_failure(error),
        }
        self.events.send((self.index, event)).is_ok()
    }

    fn note_first_token(&mut self) {
        if let Some(place) = self.waiting.take() {
            self.state.metrics.observe_first_token(self.arrived.elapsed());
            self.running = Some(place.start_running());
        }
    }

    /// Counts the tokens of an answer that ended, whether or not the client gets it.
    fn count_answer(&self, answer: &GeneratedText) {
        // An answer that ended while it waited was not read by the model.
        if self.running.is_some() {
            self.state.metrics.count_tokens(answer.prompt_tokens, answer.token_ids.len());
            self.state.note_success();
        }
    }
}

const fn is_empty(progress: &AnswerProgress) -> bool {
    progress.text.is_empty() && progress.logprobs.is_empty()
}

/// The entries of a part of an answer: what bounds the memory of parts that are not sent.
pub(crate) fn count_entries(progress: &AnswerProgress) -> usize {
    let reported: usize = progress.logprobs.iter().map(|token| token.likeliest.len()).sum();
    1 + progress.logprobs.len() + reported
}
