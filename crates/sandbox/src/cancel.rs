//! Ending work that nobody wants any more.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

/// The work goes on.
const WANTED: u8 = 0;
/// It is to end well.
const ENDING: u8 = 1;
/// It is to end at once.
const CANCELLED: u8 = 2;

/// A wish, shared by all its clones, that some work should end. It cannot be taken back.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicU8>);

impl Cancel {
    /// Asks the work to end at once: what it did so far is not wanted.
    pub fn cancel(&self) {
        self.0.fetch_max(CANCELLED, Ordering::Relaxed);
    }

    /// Whether the work should end at once.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) == CANCELLED
    }

    /// Asks the work to come to its end: what runs gets SIGTERM and [`GRACE`](crate::GRACE) to end
    /// by itself, nothing new is begun, and what was done is kept.
    pub fn end(&self) {
        self.0.fetch_max(ENDING, Ordering::Relaxed);
    }

    /// Whether the work should end, well or at once.
    pub fn is_ending(&self) -> bool {
        self.0.load(Ordering::Relaxed) != WANTED
    }
}

#[cfg(test)]
mod tests {
    use super::Cancel;

    #[test]
    fn what_is_cancelled_does_not_end_well_any_more() {
        let cancel = Cancel::default();
        let shared = cancel.clone();
        assert!(!shared.is_ending() && !shared.is_cancelled());
        cancel.end();
        assert!(shared.is_ending() && !shared.is_cancelled());
        cancel.cancel();
        cancel.end();
        assert!(shared.is_ending() && shared.is_cancelled());
    }
}
