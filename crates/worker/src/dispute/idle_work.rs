//! Work that a node does while it has no job.

use std::sync::{Mutex, MutexGuard, PoisonError};

use nosana_sandbox::CancelToken;

/// The idle work that is in progress.
#[derive(Debug, Default)]
pub(crate) struct IdleWork(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How many jobs this node has.
    jobs: usize,
    check: CancelToken,
    rehearsal: CancelToken,
}

impl IdleWork {
    /// Begins the check of another node's result. Returns the token that ends it; `None` while this
    /// node has a job.
    pub fn begin_check(&self) -> Option<CancelToken> {
        self.lock_state().begin_work(|state| &mut state.check)
    }

    /// The same for the rehearsal of a dispute of another market.
    pub fn begin_rehearsal(&self) -> Option<CancelToken> {
        self.lock_state().begin_work(|state| &mut state.rehearsal)
    }

    /// Ends the rehearsal: this node has something to judge that does not wait.
    pub fn give_way(&self) {
        self.lock_state().rehearsal.cancel();
    }

    /// Whether this node has no job.
    pub fn is_idle(&self) -> bool {
        self.lock_state().jobs == 0
    }

    /// Ends all idle work: the node has a job, until [`Self::end_job`].
    pub fn begin_job(&self) {
        let mut state = self.lock_state();
        state.jobs = state.jobs.saturating_add(1);
        state.check.cancel();
        state.rehearsal.cancel();
    }

    /// Records that a job has ended.
    pub fn end_job(&self) {
        let mut state = self.lock_state();
        state.jobs = state.jobs.saturating_sub(1);
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn begin_work(
        &mut self,
        work: impl FnOnce(&mut Self) -> &mut CancelToken,
    ) -> Option<CancelToken> {
        if self.jobs > 0 {
            return None;
        }

        let cancel = CancelToken::default();
        *work(self) = cancel.clone();
        Some(cancel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_ends_it_and_none_begins_beside_a_job() {
        let idle = IdleWork::default();
        let [check, rehearsal] = [idle.begin_check(), idle.begin_rehearsal()].map(Option::unwrap);
        assert!(!check.is_cancelled() && !rehearsal.is_cancelled() && idle.is_idle());
        idle.begin_job();
        idle.begin_job();
        assert!(check.is_cancelled() && rehearsal.is_cancelled());

        idle.end_job();
        assert!(!idle.is_idle(), "it has the other job");
        assert!(idle.begin_check().is_none() && idle.begin_rehearsal().is_none());
        idle.end_job();
        assert!(idle.is_idle());
        assert!(!idle.begin_check().unwrap().is_cancelled(), "it began after the jobs");
    }

    #[test]
    fn a_rehearsal_gives_way_and_a_check_does_not() {
        let idle = IdleWork::default();
        let [check, rehearsal] = [idle.begin_check(), idle.begin_rehearsal()].map(Option::unwrap);
        idle.give_way();
        assert!(rehearsal.is_cancelled() && !check.is_cancelled());
    }
}
