//! When the log says why a port is not ready.

use std::time::{Duration, Instant};

/// How long checks may fail until the log says why: many services take some seconds to start. Tests
/// do not wait for it.
const FIRST_NOTE_DELAY: Duration = Duration::from_millis(if cfg!(test) { 1_000 } else { 10_000 });
/// The shortest time between two notes about a port.
const NOTE_INTERVAL: Duration = Duration::from_millis(if cfg!(test) { 1_500 } else { 60_000 });

/// What the log says of the failing checks of one port.
#[derive(Debug)]
pub(super) struct FailureNotes {
    /// When the checks began that have not succeeded yet.
    begun_at: Instant,
    noted_at: Option<Instant>,
    /// The reason that the last note names; `None` if the port has been ready since.
    noted_reason: Option<String>,
}

impl FailureNotes {
    /// Of a port about which the log says nothing yet.
    pub const fn new(now: Instant) -> Self {
        Self { begun_at: now, noted_at: None, noted_reason: None }
    }

    /// Checks begin. What was noted before counts: an operation that ends soon is started again and
    /// again.
    pub fn begin_checks(&mut self, now: Instant) {
        self.begun_at = now;
    }

    /// Returns true if the log needs a note about this failure, which the caller writes then.
    pub fn take_note(&mut self, reason: &str, now: Instant) -> bool {
        let is_early = now.duration_since(self.begun_at) < FIRST_NOTE_DELAY;
        let is_soon = self.noted_at.is_some_and(|at| now.duration_since(at) < NOTE_INTERVAL);
        let is_known = self.noted_reason.as_deref() == Some(reason);
        if is_early || is_soon || is_known {
            return false;
        }

        self.record_note(reason, now);
        true
    }

    /// The caller has written a note about this failure.
    pub fn record_note(&mut self, reason: &str, now: Instant) {
        self.noted_at = Some(now);
        self.noted_reason = Some(reason.to_owned());
    }

    /// The port is ready. If it fails again for the same reason, the log says so again.
    pub fn forget_reason(&mut self) {
        self.noted_reason = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(1);

    #[test]
    fn the_first_reason_is_noted_after_a_while_and_once() {
        let begun = Instant::now();
        let mut notes = FailureNotes::new(begun);
        let due = begun + FIRST_NOTE_DELAY;

        assert!(!notes.take_note("refused", begun));
        assert!(!notes.take_note("refused", due - SHORT));
        assert!(notes.take_note("refused", due));
        assert!(!notes.take_note("refused", due + SHORT));
        assert!(!notes.take_note("refused", due + NOTE_INTERVAL * 9));
    }

    #[test]
    fn reasons_that_change_are_noted_once_in_an_interval() {
        let begun = Instant::now();
        let mut notes = FailureNotes::new(begun);
        let first = begun + FIRST_NOTE_DELAY;
        assert!(notes.take_note("refused", first));

        assert!(!notes.take_note("503", first + NOTE_INTERVAL - SHORT));
        let second = first + NOTE_INTERVAL;
        assert!(notes.take_note("302", second), "the reason of that time");
        assert!(!notes.take_note("refused", second + SHORT));
        assert!(notes.take_note("refused", second + NOTE_INTERVAL));
    }

    #[test]
    fn operations_that_are_started_again_have_no_more_notes() {
        let begun = Instant::now();
        let mut notes = FailureNotes::new(begun);
        let first = begun + FIRST_NOTE_DELAY;
        assert!(notes.take_note("refused", first));

        let again = first + SHORT;
        notes.begin_checks(again);
        assert!(!notes.take_note("503", again + FIRST_NOTE_DELAY - SHORT));
        assert!(!notes.take_note("503", first + NOTE_INTERVAL - SHORT));
        assert!(!notes.take_note("refused", first + NOTE_INTERVAL * 2));
        assert!(notes.take_note("503", first + NOTE_INTERVAL * 2));
    }

    #[test]
    fn a_port_that_was_ready_fails_for_a_reason_again() {
        let begun = Instant::now();
        let mut notes = FailureNotes::new(begun);
        notes.record_note("503", begun);
        notes.forget_reason();

        notes.begin_checks(begun + NOTE_INTERVAL);
        assert!(!notes.take_note("503", begun + NOTE_INTERVAL + SHORT));
        assert!(notes.take_note("503", begun + NOTE_INTERVAL + FIRST_NOTE_DELAY));
    }
}
