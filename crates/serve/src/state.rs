//! What all requests share: the model, the bounds and the counters.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use nosana_engine::EngineError;
use tokio::sync::{Semaphore, watch};

use crate::{
    error::ApiError,
    identity::unix_seconds,
    metrics::ServerMetrics,
    places::{OpenAnswer, WaitingPlace},
    served::ServedModel,
};

/// The most answers and embeddings that wait for their first token or their turn.
pub(crate) const MAX_WAITING: usize = 256;
/// Requests that are turned into tokens at the same time.
const PARALLEL_PREPARATIONS: usize = 4;
/// Requests whose schema is compiled at the same time. A large one takes seconds.
const PARALLEL_COMPILATIONS: usize = 2;

/// How far a server is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// It accepts requests.
    Serving,
    /// It accepts none, and the running ones may end by themselves.
    Draining,
    /// It ends the running ones.
    Ending,
}

/// What all requests share.
pub(crate) struct ServerState {
    pub model: ServedModel,
    pub metrics: Arc<ServerMetrics>,
    /// When the server started, in seconds since 1970.
    pub started: u64,
    /// The turns of embedding requests.
    pub embedding: Semaphore,
    waiting: Arc<Semaphore>,
    preparations: Semaphore,
    compilations: Semaphore,
    phase: watch::Sender<Phase>,
    /// Whether the last answer failed for a reason that is not the client's.
    is_failing: AtomicBool,
    /// Answers that the engine has not ended.
    open_answers: Arc<AtomicUsize>,
}

impl ServerState {
    pub(crate) fn new(model: ServedModel) -> Self {
        Self {
            model,
            metrics: Arc::default(),
            started: unix_seconds(),
            embedding: Semaphore::new(1),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            preparations: Semaphore::new(PARALLEL_PREPARATIONS),
            compilations: Semaphore::new(PARALLEL_COMPILATIONS),
            phase: watch::Sender::new(Phase::Serving),
            is_failing: AtomicBool::new(false),
            open_answers: Arc::default(),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    pub(crate) fn set_phase(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// Waits until the server is at least in this phase.
    pub(crate) async fn wait_phase(&self, phase: Phase) {
        // The sender lives as long as this, so that waiting cannot fail.
        let _ = self.phase.subscribe().wait_for(|current| *current >= phase).await;
    }

    /// Reserves `count` places among those that wait.
    ///
    /// # Errors
    /// If too many wait, or the server shuts down.
    pub(crate) fn reserve_places(&self, count: usize) -> Result<Vec<WaitingPlace>, ApiError> {
        if self.phase() > Phase::Serving {
            return Err(ApiError::shutting_down());
        }
        if count > self.waiting.available_permits() {
            return Err(ApiError::too_many_requests(MAX_WAITING));
        }

        let place = |_| {
            let permit = Arc::clone(&self.waiting).try_acquire_owned();
            let permit = permit.map_err(|_| ApiError::too_many_requests(MAX_WAITING))?;
            Ok(WaitingPlace::new(&self.metrics, permit))
        };
        (0..count).map(place).collect()
    }

    /// Returns the turns for turning requests into tokens. Those with a schema have turns of their
    /// own, so that they do not delay the others.
    pub(crate) const fn preparation_turns(&self, has_format: bool) -> &Semaphore {
        if has_format { &self.compilations } else { &self.preparations }
    }

    /// Notes that the engine begins an answer.
    pub(crate) fn open_answer(&self) -> OpenAnswer {
        OpenAnswer::new(&self.open_answers)
    }

    /// Whether the engine has ended every answer.
    pub(crate) fn is_idle(&self) -> bool {
        self.open_answers.load(Ordering::Relaxed) == 0
    }

    /// Notes that the engine works, for the endpoint of its health.
    pub(crate) fn note_success(&self) {
        self.is_failing.store(false, Ordering::Relaxed);
    }

    /// Notes that the engine failed, unless the request was the reason.
    pub(crate) fn note_failure(&self, error: &EngineError) {
        let is_refusal = matches!(
            error,
            EngineError::TooLong { .. }
                | EngineError::Template(_)
                | EngineError::Format(_)
                | EngineError::Stopped
        );
        if !is_refusal {
            self.is_failing.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Relaxed)
    }
}
