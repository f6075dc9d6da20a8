//! Containers and volumes that the engine has not removed yet.

use std::{
    collections::BTreeMap,
    fmt, mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// The pause before the first try in the background. It doubles after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_secs(600);
/// How often one removal is tried in the background: for about an hour.
const MAX_TRIES: u32 = 13;

/// What a job leaves in the engine. Containers come first: they use the volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ItemKind {
    Container,
    Volume,
}

impl ItemKind {
    /// In the order in which they are removed.
    pub const ALL: [Self; 2] = [Self::Container, Self::Volume];
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
    first_pause: Duration,
    state: Mutex<RemovalState>,
    /// Wakes the thread that tries again: what was added may be due before the others.
    added: Condvar,
}

impl Default for FailedRemovals {
    fn default() -> Self {
        Self::new(FIRST_PAUSE)
    }
}

impl FailedRemovals {
    pub fn new(first_pause: Duration) -> Self {
        Self { first_pause, state: Mutex::default(), added: Condvar::new() }
    }

    /// Adds what has to be removed later.
    pub fn add_item(&self, kind: ItemKind, name: &str) {
        self.lock_state().add_item(kind, name, Instant::now(), self.first_pause);
        self.added.notify_all();
    }

    /// Waits until a removal is due. Returns false, and ends the tries, if none is left.
    pub fn wait_for_due(&self) -> bool {
        let mut state = self.lock_state();

        loop {
            let Some(due_at) = state.next_try() else {
                state.stop_retrying();
                return false;
            };
            let left = due_at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            let waited = self.added.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub fn lock_state(&self) -> MutexGuard<'_, RemovalState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by the thread that tries again. If that panics, another one can begin.
pub(crate) struct RetryGuard<'a>(pub &'a FailedRemovals);

impl Drop for RetryGuard<'_> {
    fn drop(&mut self) {
        // Otherwise the tries have ended, and another thread may have begun already.
        if thread::panicking() {
            self.0.lock_state().stop_retrying();
        }
    }
}

/// When each removal is tried again, and whether a thread does that.
#[derive(Debug, Default)]
pub(crate) struct RemovalState {
    failed: BTreeMap<(ItemKind, String), FailedRemoval>,
    is_retrying: bool,
}

#[derive(Debug)]
struct FailedRemoval {
    tries: u32,
    is_logged: bool,
    due_at: Instant,
    /// The pause after the next try.
    pause: Duration,
}

impl RemovalState {
    /// Adds what has to be removed later than `now`. Each has its own pauses: a new one does not
    /// wait for those of the others, and costs them no tries.
    fn add_item(&mut self, kind: ItemKind, name: &str, now: Instant, first_pause: Duration) {
        let due_at = now + first_pause;
        let pause = next_pause(first_pause);
        let removal = FailedRemoval { tries: 0, is_logged: false, due_at, pause };
        self.failed.entry((kind, name.to_owned())).or_insert(removal);
    }

    /// Counts a try of all that are due at `now`, and returns their names.
    pub fn begin_try(&mut self, kind: ItemKind, now: Instant) -> Vec<String> {
        let mut due = Vec::new();

        for ((found, name), removal) in &mut self.failed {
            if *found == kind && removal.due_at <= now {
                removal.tries += 1;
                removal.due_at = now + removal.pause;
                removal.pause = next_pause(removal.pause);
                due.push(name.clone());
            }
        }
        due
    }

    /// Keeps one whose removal has failed, unless it was tried often enough: the next start finds
    /// it. Returns whether the failure is not in the log yet.
    pub fn note_failure(&mut self, kind: ItemKind, name: &str) -> bool {
        let key = (kind, name.to_owned());
        let Some(removal) = self.failed.get_mut(&key) else { return false };

        let is_first = !mem::replace(&mut removal.is_logged, true);
        if removal.tries >= MAX_TRIES {
            self.failed.remove(&key);
        }
        is_first
    }

    /// It is gone.
    pub fn forget_item(&mut self, kind: ItemKind, name: &str) {
        self.failed.remove(&(kind, name.to_owned()));
    }

    /// When the next removal is due; `None` if none is left.
    pub fn next_try(&self) -> Option<Instant> {
        self.failed.values().map(|removal| removal.due_at).min()
    }

    /// Returns whether the caller becomes the one that tries them again.
    pub fn begin_retrying(&mut self) -> bool {
        !mem::replace(&mut self.is_retrying, true)
    }

    /// Nobody tries them again.
    pub fn stop_retrying(&mut self) {
        self.is_retrying = false;
    }
}

fn next_pause(pause: Duration) -> Duration {
    pause.saturating_mul(2).min(MAX_PAUSE)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc::channel};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_failure_is_logged_once_and_tried_for_an_hour() {
        let mut state = RemovalState::default();
        let begun = Instant::now();
        state.add_item(ItemKind::Volume, "a", begun, FIRST_PAUSE);

        let mut tried_at = begun;
        for attempt in 0..MAX_TRIES {
            tried_at = state.next_try().unwrap();
            let early = tried_at.checked_sub(Duration::from_millis(1)).unwrap();
            assert_eq!(state.begin_try(ItemKind::Volume, early), [""; 0], "{attempt}");
            assert_eq!(state.begin_try(ItemKind::Container, tried_at), [""; 0]);
            assert_eq!(state.begin_try(ItemKind::Volume, tried_at), ["a"]);
            assert_eq!(state.note_failure(ItemKind::Volume, "a"), attempt == 0);
        }

        let waited = tried_at - begun;
        assert!(waited > HOUR && waited < HOUR * 5 / 4, "{waited:?}");
        assert_eq!(state.next_try(), None, "it is forgotten");
    }

    #[test]
    fn a_new_failure_does_not_wait_for_the_pauses_of_others() {
        let mut state = RemovalState::default();
        state.add_item(ItemKind::Container, "old", Instant::now(), FIRST_PAUSE);
        for _ in 0..9 {
            let due_at = state.next_try().unwrap();
            state.begin_try(ItemKind::Container, due_at);
        }

        let now = state.next_try().unwrap() - MAX_PAUSE;
        state.add_item(ItemKind::Container, "new", now, FIRST_PAUSE);
        assert_eq!(state.next_try(), Some(now + FIRST_PAUSE));
        assert_eq!(state.begin_try(ItemKind::Container, now + FIRST_PAUSE), ["new"]);
    }

    #[test]
    fn a_new_failure_wakes_the_thread() {
        let removals = Arc::new(FailedRemovals::new(Duration::from_millis(1)));
        removals.lock_state().add_item(ItemKind::Container, "old", Instant::now(), HOUR);
        let waiting = Arc::clone(&removals);
        let (sender, receiver) = channel();
        thread::spawn(move || sender.send(waiting.wait_for_due()));

        // It waits for the old one meanwhile.
        thread::sleep(Duration::from_millis(100));
        removals.add_item(ItemKind::Container, "new");
        assert_eq!(receiver.recv_timeout(Duration::from_secs(60)), Ok(true));
    }

    #[test]
    fn one_thread_tries_until_nothing_is_left() {
        let removals = FailedRemovals::new(Duration::ZERO);
        let begins = || removals.lock_state().begin_retrying();
        assert!(begins() && !begins());
        removals.add_item(ItemKind::Container, "a");
        assert!(removals.wait_for_due() && !begins());
        removals.lock_state().forget_item(ItemKind::Container, "a");
        assert!(!removals.wait_for_due() && begins());
    }

    #[test]
    fn another_thread_can_begin_after_a_panic() {
        fn fail_retrying(removals: &FailedRemovals) {
            let _guard = RetryGuard(removals);
            panic!("a call of the engine panics");
        }

        let removals = Arc::new(FailedRemovals::default());
        assert!(removals.lock_state().begin_retrying());
        let failing = Arc::clone(&removals);
        thread::spawn(move || fail_retrying(&failing)).join().unwrap_err();
        assert!(removals.lock_state().begin_retrying());
    }
}
