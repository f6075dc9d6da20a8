//! What every operation of a job gets.

use nosana_sandbox::{CancelToken, OutputTail};
use nosana_store::Store;

/// The surroundings of a job's operations.
#[derive(Clone, Copy)]
pub(super) struct JobContext<'a> {
    /// The store that holds inputs and gets outputs.
    pub store: &'a Store,
    /// Ends or cancels the operations. Poll it: stop and keep the result when it is ending, fail when
    /// it is cancelled.
    pub cancel: &'a CancelToken,
    /// Receives what the operations of a service print; `None` for a batch job.
    pub live: Option<&'a OutputTail>,
}

impl JobContext<'_> {
    /// Returns whether the operations run until they are ended.
    pub fn is_service(&self) -> bool {
        self.live.is_some()
    }
}
