//! Requests that wait, and the context that suits them.

use std::{
    collections::VecDeque,
    sync::{
        atomic::Ordering,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use super::{ContextLimits, PARALLEL_ANSWERS, batch::Batch, request::Request};
use crate::chat_model::{ChatModel, context_length};

/// How long an idle model keeps its context, and with it the memory for keys and values.
const IDLE_TIME: Duration = Duration::from_secs(10);
/// The cells of a context that sequences share although nobody waits for them yet. More are created
/// only for requests that wait.
const SHARED_CELLS: usize = 16 * 1024;

/// The requests that wait, in their order.
type Waiting = VecDeque<Request>;

/// Returns for how many sequences of `tokens` tokens a context is created, even if only one is
/// used.
pub(crate) fn shared_sequences(tokens: usize) -> usize {
    (SHARED_CELLS / context_length(tokens)).clamp(1, PARALLEL_ANSWERS)
}

/// Answers requests until their senders are gone.
pub(super) fn serve_requests(
    model: &ChatModel,
    requests: &Receiver<Request>,
    limits: &ContextLimits,
) {
    let mut waiting = Waiting::new();
    let mut batch: Option<Batch<'_>> = None;

    loop {
        let is_idle = waiting.is_empty() && batch.as_ref().is_none_or(Batch::is_idle);
        if is_idle {
            match requests.recv_timeout(IDLE_TIME) {
                Ok(request) => waiting.push_back(request),
                Err(RecvTimeoutError::Timeout) => {
                    batch = None;
                    let Ok(request) = requests.recv() else { return };
                    waiting.push_back(request);
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        waiting.extend(requests.try_iter());

        start_waiting(model, &mut batch, &mut waiting, limits);
        if let Some(running) = &mut batch
            && let Err(error) = running.run_step(model)
        {
            tracing::warn!("{error}");
            running.fail_all(&error);
            batch = None;
        }
    }
}

/// Starts requests in their order, until there is no sequence for the next one.
fn start_waiting<'model>(
    model: &'model ChatModel,
    batch: &mut Option<Batch<'model>>,
    waiting: &mut Waiting,
    limits: &ContextLimits,
) {
    end_stopped(waiting);

    while let Some(request) = waiting.pop_front() {
        let expected = limits.expected_tokens.load(Ordering::Relaxed).min(model.max_tokens());
        let tokens = longest_request(&request, waiting).max(expected);
        let max_cells = limits.max_cells.load(Ordering::Relaxed);
        let sequences = choose_sequences(tokens, waiting.len() + 1, max_cells);

        let is_running = batch.as_ref().is_some_and(|batch| !batch.is_idle());
        // After one long request, a context has few sequences: shorter ones get another context.
        let fits = batch
            .as_ref()
            .is_some_and(|batch| batch.fits(&request) && batch.sequences() * 2 > sequences);
        if !fits && is_running {
            waiting.push_front(request);
            return;
        }

        if !fits {
            // The memory of the former context must be free before the next one is created.
            *batch = None;
            match Batch::new(model, tokens, sequences) {
                Ok(created) => *batch = Some(created),
                Err(error) => {
                    request.fail(error);
                    continue;
                }
            }
        }

        let refused = match batch {
            Some(batch) => batch.start(model, request),
            None => Some(request),
        };
        if let Some(request) = refused {
            waiting.push_front(request);
            return;
        }
    }
}

/// Ends the requests whose callers left while they waited.
fn end_stopped(waiting: &mut Waiting) {
    if waiting.iter().any(Request::is_stopped) {
        let (stopped, rest): (Waiting, Waiting) = waiting.drain(..).partition(Request::is_stopped);
        *waiting = rest;
        stopped.into_iter().for_each(Request::interrupt);
    }
}

/// Returns the tokens of the longest of the requests that would run together.
fn longest_request(first: &Request, waiting: &Waiting) -> usize {
    let others = waiting.iter().take(PARALLEL_ANSWERS - 1).map(Request::needed_tokens);
    others.fold(first.needed_tokens(), usize::max)
}

/// Returns for how many sequences a context is created: for those that wait, and for others that
/// may come as far as that takes little memory.
fn choose_sequences(tokens: usize, requests: usize, max_cells: usize) -> usize {
    let wanted = shared_sequences(tokens).max(requests.min(PARALLEL_ANSWERS));
    let allowed = match max_cells {
        0 => wanted,
        cells => cells.div_ceil(context_length(tokens)),
    };

    wanted.min(allowed).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_has_sequences_for_those_who_may_come_and_for_all_who_wait() {
        assert_eq!(choose_sequences(100, 1, 0), 16);
        assert_eq!(choose_sequences(1_024, 1, 0), 16);
        assert_eq!(choose_sequences(4_600, 1, 0), 3);
        assert_eq!(choose_sequences(4_600, 9, 0), 9);
        assert_eq!(choose_sequences(4_600, 99, 0), 16);
        assert_eq!(choose_sequences(99_000, 1, 0), 1);
    }

    #[test]
    fn a_context_has_no_more_cells_than_allowed_but_one_sequence() {
        assert_eq!(choose_sequences(200, 1, 1_024), 4);
        assert_eq!(choose_sequences(200, 16, 1_024), 4);
        assert_eq!(choose_sequences(4_600, 16, 1_024), 1);
    }
}
