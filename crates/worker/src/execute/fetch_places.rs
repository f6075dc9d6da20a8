//! Which fetches jobs wait for. A fetch goes on for a later job when its own job has gone, but not
//! in the place of one that a job waits for.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long nobody has waited for a fetch that makes place for another one.
pub(super) const UNWAITED_TIME: Duration = Duration::from_secs(300);

/// The fetches in progress, by the keys of what they fetch. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct FetchPlaces(Arc<Mutex<BTreeMap<String, Place>>>);

/// A fetch in progress.
#[derive(Debug)]
struct Place {
    /// When a job has waited for it.
    waited: Instant,
    /// Whether it ends for another one.
    is_ending: bool,
}

impl FetchPlaces {
    /// Notes that a fetch begins.
    pub fn begin_fetch(&self, key: &str) {
        let place = Place { waited: Instant::now(), is_ending: false };
        self.lock_places().insert(key.to_owned(), place);
    }

    /// Notes that a fetch has ended.
    pub fn end_fetch(&self, key: &str) {
        self.lock_places().remove(key);
    }

    /// Notes that a job waits for what a fetch gets.
    pub fn note_wait(&self, key: &str) {
        if let Some(place) = self.lock_places().get_mut(key) {
            *place = Place { waited: Instant::now(), is_ending: false };
        }
    }

    /// Whether a fetch is to go on.
    pub fn is_wanted(&self, key: &str) -> bool {
        self.lock_places().get(key).is_none_or(|place| !place.is_ending)
    }

    /// Ends the fetch for which nobody has waited the longest, so that another one can begin.
    pub fn make_place(&self, now: Instant) {
        let mut places = self.lock_places();
        if places.values().any(|place| place.is_ending) {
            return;
        }

        let is_unwaited = |place: &&mut Place| now.duration_since(place.waited) >= UNWAITED_TIME;
        let longest = places.values_mut().filter(is_unwaited).min_by_key(|place| place.waited);
        if let Some(place) = longest {
            place.is_ending = true;
        }
    }

    fn lock_places(&self) -> MutexGuard<'_, BTreeMap<String, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fetch_that_nobody_waits_for_makes_place_for_another_one() {
        let places = FetchPlaces::default();
        for key in ["first", "second"] {
            places.begin_fetch(key);
        }
        let later = Instant::now() + UNWAITED_TIME;

        places.make_place(Instant::now());
        assert!(places.is_wanted("first") && places.is_wanted("second"), "both are new");
        places.make_place(later);
        places.make_place(later);
        assert_eq!(["first", "second"].map(|key| places.is_wanted(key)), [false, true]);

        places.note_wait("first");
        assert!(places.is_wanted("first"), "a job has come back for it");
        places.make_place(later);
        assert!(!places.is_wanted("second"));
        places.end_fetch("second");
        assert!(places.is_wanted("second"));
    }
}
