//! Bounds for each visitor and each job.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

type Keys<K> = Arc<Mutex<HashMap<K, Arc<Semaphore>>>>;

/// Counts what is in use for each key, up to a bound. Keys without a use take no memory.
#[derive(Debug)]
pub(crate) struct SeatLimit<K: Hash + Eq> {
    max: usize,
    keys: Keys<K>,
}

/// A use; it ends when this is dropped.
pub(crate) struct Seat<K: Hash + Eq> {
    // Given back before the key is looked at.
    _permit: OwnedSemaphorePermit,
    _key: UsedKey<K>,
}

/// A key that somebody uses or waits for.
struct UsedKey<K: Hash + Eq> {
    keys: Keys<K>,
    key: K,
    /// Nothing while it is dropped.
    semaphore: Option<Arc<Semaphore>>,
}

impl<K: Hash + Eq + Copy> SeatLimit<K> {
    pub(crate) fn new(max: usize) -> Self {
        Self { max, keys: Arc::default() }
    }

    /// Takes one for `key`; `None` if all are taken.
    pub(crate) fn take_seat(&self, key: K) -> Option<Seat<K>> {
        let used = self.use_key(key);
        let permit = used.semaphore.clone()?.try_acquire_owned().ok()?;
        Some(Seat { _permit: permit, _key: used })
    }

    /// Takes one for `key`, when there is one; `None` if there is none until `deadline`. Who waits
    /// longer is first.
    pub(crate) async fn wait_for_seat(&self, key: K, deadline: Instant) -> Option<Seat<K>> {
        let used = self.use_key(key);
        let acquiring = timeout_at(deadline, used.semaphore.clone()?.acquire_owned());
        let permit = acquiring.await.ok()?.ok()?;
        Some(Seat { _permit: permit, _key: used })
    }

    fn use_key(&self, key: K) -> UsedKey<K> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let semaphore = keys.entry(key).or_insert_with(|| Arc::new(Semaphore::new(self.max)));
        let semaphore = Some(Arc::clone(semaphore));
        UsedKey { keys: Arc::clone(&self.keys), key, semaphore }
    }
}

impl<K: Hash + Eq> Drop for UsedKey<K> {
    fn drop(&mut self) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);

        drop(self.semaphore.take());
        if keys.get(&self.key).is_some_and(|semaphore| Arc::strong_count(semaphore) == 1) {
            keys.remove(&self.key);
        }
    }
}

impl<K: Hash + Eq> fmt::Debug for Seat<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn each_key_has_its_own_seats() {
        let seats = SeatLimit::new(2);
        let first = seats.take_seat('a').unwrap();
        let _second = seats.take_seat('a').unwrap();
        assert!(seats.take_seat('a').is_none());
        let other = seats.take_seat('b').unwrap();

        drop(first);
        drop(seats.take_seat('a').unwrap());
        drop(other);
        assert_eq!(seats.keys.lock().unwrap().len(), 1, "nothing is kept for `b`");
    }

    #[tokio::test]
    async fn a_seat_is_waited_for() {
        let seats = SeatLimit::new(1);
        let soon = || Instant::now() + Duration::from_millis(50);
        let first = seats.wait_for_seat('a', soon()).await.unwrap();
        assert!(seats.wait_for_seat('a', soon()).await.is_none());

        let later = Instant::now() + Duration::from_secs(5);
        let (second, ()) = tokio::join!(seats.wait_for_seat('a', later), async { drop(first) });
        assert!(second.is_some());
        drop(second);
        assert!(seats.keys.lock().unwrap().is_empty());
    }
}
