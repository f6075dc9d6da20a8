//! The slot up to which a session has seen the chain, so that no later read is older.
//!
//! Behind one URL, several servers may answer, and one of them may lag: it would not yet show what
//! this session's own transaction has just written.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a slot counts. Servers lag by less, and one that names a slot that never comes must not
/// stop a session for ever.
const VALIDITY: Duration = Duration::from_secs(60);

/// The slot of the newest transaction that a session has confirmed. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct NewestSlot(Arc<Mutex<Option<(u64, Instant)>>>);

impl NewestSlot {
    /// Notes the slot of a confirmed transaction.
    pub(super) fn note_slot(&self, slot: u64) {
        let newest = self.min_context().map_or(slot, |noted| noted.max(slot));

        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((newest, Instant::now()));
    }

    /// Returns the `minContextSlot` of a read; `None` if no transaction was confirmed in the last
    /// minute. A server that is behind that slot answers with an error, after which the read is
    /// tried again.
    pub(super) fn min_context(&self) -> Option<u64> {
        let noted = *self.0.lock().unwrap_or_else(PoisonError::into_inner);

        noted.filter(|(_, at)| at.elapsed() < VALIDITY).map(|(slot, _)| slot)
    }
}
