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
    /// Those of all answers of the request.
    pub unsent: Arc<UnsentParts>,
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

                if !self.unsent.add_part(progress) {
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

/// The parts of a request's answers that were generated and not sent.
#[derive(Default)]
pub(crate) struct UnsentParts(AtomicUsize);

impl UnsentParts {
    /// Adds a part. Returns false if there are too many.
    fn add_part(&self, progress: &AnswerProgress) -> bool {
        let entries = count_entries(progress);
        self.0.fetch_add(entries, Ordering::Relaxed) + entries <= MAX_UNSENT
    }

    /// Removes a part that is sent.
    pub(crate) fn remove_part(&self, progress: &AnswerProgress) {
        self.0.fetch_sub(count_entries(progress), Ordering::Relaxed);
    }
}

fn count_entries(progress: &AnswerProgress) -> usize {
    let reported: usize = progress.logprobs.iter().map(|token| token.likeliest.len()).sum();
    1 + progress.logprobs.len() + reported
}

#[cfg(test)]
mod tests {
    use nosana_engine::{TokenLogprob, TokenLogprobs};

    use super::*;

    #[test]
    fn parts_that_are_not_sent_are_bounded() {
        let unsent = UnsentParts::default();
        let text = AnswerProgress { text: "word".into(), logprobs: Vec::new() };
        for _ in 0..MAX_UNSENT {
            assert!(unsent.add_part(&text));
        }
        assert!(!unsent.add_part(&text));
        unsent.remove_part(&text);
        unsent.remove_part(&text);
        assert!(unsent.add_part(&text), "a client that reads again gets more");
    }

    #[test]
    fn reported_tokens_count_as_parts() {
        let token = TokenLogprob { token_id: 1, bytes: vec![97], logprob: -1.0 };
        let logprobs = TokenLogprobs { chosen: token.clone(), likeliest: vec![token; 20] };
        let part = AnswerProgress { text: "a".into(), logprobs: vec![logprobs] };
        let unsent = UnsentParts::default();
        assert_eq!((0..MAX_UNSENT).take_while(|_| unsent.add_part(&part)).count(), 186);
    }
}
