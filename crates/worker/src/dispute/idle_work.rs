//! Work that a node does while it has no job.

use std::sync::{Mutex, PoisonError};

use nosana_sandbox::CancelToken;

/// The idle work that is in progress.
#[derive(Debug, Default)]
pub(crate) struct IdleWork(Mutex<CancelToken>);

impl IdleWork {
    /// Begins it. Returns the token that ends it.
    pub fn begin(&self) -> CancelToken {
        let cancel = CancelToken::default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = cancel.clone();
        cancel
    }

    /// Ends it: the node has a job.
    pub fn end(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_ends_it() {
        let idle = IdleWork::default();
        idle.end();
        let cancel = idle.begin();
        assert!(!cancel.is_cancelled(), "it began after the job");
        idle.end();
        assert!(cancel.is_cancelled());
    }
}
