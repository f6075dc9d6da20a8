//! Containers and volumes that the engine has not removed yet.

use std::{
    collections::BTreeMap,
    fmt, mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The pause after the first sweep that has left something. It doubles after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// How often one removal is tried in the background: for about an hour.
const MAX_TRIES: u32 = 13;

/// What a job leaves in the engine. Containers come first: they use the volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ItemKind {
    Container,
    Volume,
}

impl fmt::Display for ItemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Container => "container",
            Self::Volume => "volume",
        })
    }
}

/// The removals that have failed. Clones of an engine share them.
#[derive(Debug)]
pub(crate) struct FailedRemovals {
    pub first_pause: Duration,
    state: Mutex<RemovalState>,
}

impl Default for FailedRemovals {
    fn default() -> Self {
        Self::new(FIRST_PAUSE)
    }
}

impl FailedRemovals {
    pub fn new(first_pause: Duration) -> Self {
        Self { first_pause, state: Mutex::default() }
    }

    pub fn lock_state(&self) -> MutexGuard<'_, RemovalState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often each removal was tried again, and whether a thread does that.
#[derive(Debug, Default)]
pub(crate) struct RemovalState {
    failed: BTreeMap<(ItemKind, String), FailedRemoval>,
    is_retrying: bool,
}

#[derive(Debug, Default)]
struct FailedRemoval {
    tries: u32,
    is_logged: bool,
}

impl RemovalState {
    /// Adds what has to be removed later.
    pub fn add_item(&mut self, kind: ItemKind, name: &str) {
        self.failed.entry((kind, name.to_owned())).or_default();
    }

    /// Counts a try of all that are due, and returns their names.
    pub fn begin_try(&mut self, kind: ItemKind) -> Vec<String> {
        let mut due = Vec::new();

        for ((found, name), removal) in &mut self.failed {
            if *found == kind && removal.tries < MAX_TRIES {
                removal.tries += 1;
                due.push(name.clone());
            }
        }
        due
    }

    /// Keeps one whose removal has failed. Returns whether that is not in the log yet.
    pub fn note_failure(&mut self, kind: ItemKind, name: &str) -> bool {
        let removal = self.failed.entry((kind, name.to_owned())).or_default();
        !mem::replace(&mut removal.is_logged, true)
    }

    /// It is gone.
    pub fn forget_item(&mut self, kind: ItemKind, name: &str) {
        self.failed.remove(&(kind, name.to_owned()));
    }

    /// Whether its removal has failed before.
    pub fn has_item(&self, kind: ItemKind, name: &str) -> bool {
        self.failed.contains_key(&(kind, name.to_owned()))
    }

    /// How many are left that will be tried again.
    pub fn count_due(&self) -> usize {
        self.failed.values().filter(|removal| removal.tries < MAX_TRIES).count()
    }

    /// Returns whether the caller becomes the one that tries them again.
    pub fn begin_retrying(&mut self) -> bool {
        !mem::replace(&mut self.is_retrying, true)
    }

    /// Ends the tries, unless one became due since they were counted. Returns whether they end.
    pub fn end_retrying(&mut self) -> bool {
        self.is_retrying = self.count_due() > 0;
        !self.is_retrying
    }

    /// Nobody tries them again.
    pub fn stop_retrying(&mut self) {
        self.is_retrying = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_logged_once_and_tried_so_often() {
        let mut state = RemovalState::default();
        state.add_item(ItemKind::Volume, "a");
        for attempt in 0..MAX_TRIES {
            assert_eq!(state.count_due(), 1, "{attempt}");
            assert_eq!(state.begin_try(ItemKind::Container), [""; 0]);
            assert_eq!(state.begin_try(ItemKind::Volume), ["a"]);
            assert_eq!(state.note_failure(ItemKind::Volume, "a"), attempt == 0);
        }
        assert_eq!((state.count_due(), state.begin_try(ItemKind::Volume).len()), (0, 0));
        assert!(state.has_item(ItemKind::Volume, "a"), "a sweep does not take it for a new one");
    }

    #[test]
    fn one_thread_tries_until_nothing_is_due() {
        let mut state = RemovalState::default();
        assert!(state.begin_retrying() && !state.begin_retrying());
        state.add_item(ItemKind::Container, "a");
        assert!(!state.end_retrying() && !state.begin_retrying());
        state.forget_item(ItemKind::Container, "a");
        assert!(state.end_retrying() && state.begin_retrying());
    }
}
