//! Answers the requests of all callers in one batch.
//!
//! A thread of its own holds the model's context. It reads the next tokens of every running answer
//! in one step, so that answers of several jobs cost little more than one. Requests start in their
//! order, as soon as one of the context's sequences is free.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`request`] | a prompt with what its caller receives |
//! | [`queue`] | requests that wait, and the context that suits them |
//! | [`batch`] | the answers that run, and one step of all of them |
//! | [`running`] | one of them: its next token, and its end |

mod batch;
mod queue;
mod request;
mod running;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Sender},
    },
    thread::{self, JoinHandle},
};

pub(crate) use self::{
    queue::shared_sequences,
    request::{AnswerSink, Request},
};
use crate::{EngineError, chat_model::ChatModel};

/// The most answers that are generated at the same time.
pub(crate) const PARALLEL_ANSWERS: usize = 16;

/// The thread that generates answers. It ends when this is dropped.
pub(crate) struct Scheduler {
    /// `None` once this is dropped.
    requests: Option<Sender<Request>>,
    thread: Option<JoinHandle<()>>,
    limits: Arc<ContextLimits>,
}

/// What limits the size of contexts.
#[derive(Debug, Default)]
struct ContextLimits {
    /// The most cells, each of which holds one token; zero if there is no limit.
    max_cells: AtomicUsize,
    /// The tokens of the longest request that is expected.
    expected_tokens: AtomicUsize,
}

impl Scheduler {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system refuses another thread.
    pub(crate) fn start(model: Arc<ChatModel>) -> Result<Self, EngineError> {
        let (requests, received) = mpsc::channel();
        let limits = Arc::<ContextLimits>::default();

        let shared = Arc::clone(&limits);
        let thread = thread::Builder::new()
            .name("generate".to_owned())
            .spawn(move || queue::serve_requests(&model, &received, &shared))
            .map_err(|error| EngineError::Device(format!("cannot start a thread: {error}")))?;

        Ok(Self { requests: Some(requests), thread: Some(thread), limits })
    }

    /// Queues a request.
    ///
    /// # Errors
    /// If the thread ended, which only a fault of this software causes.
    pub(crate) fn submit(&self, request: Request) -> Result<(), EngineError> {
        let ended = || EngineError::Device("the thread that generates answers ended".to_owned());
        let requests = self.requests.as_ref().ok_or_else(ended)?;

        requests.send(request).map_err(|_| ended())
    }

    /// Allows the context at least as many cells, each of which holds one token.
    pub(crate) fn allow_cells(&self, cells: usize) {
        self.limits.max_cells.fetch_max(cells, Ordering::Relaxed);
    }

    /// Makes contexts that are long enough for requests of so many tokens, so that such a request
    /// does not have to wait until all others have ended.
    pub(crate) fn expect_tokens(&self, tokens: usize) {
        self.limits.expected_tokens.fetch_max(tokens, Ordering::Relaxed);
    }
}

impl Drop for Scheduler {
    /// Waits for the thread, so that the model's memory is free afterwards.
    fn drop(&mut self) {
        self.requests = None;

        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that generates answers panicked");
        }
    }
}
