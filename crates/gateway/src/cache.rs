//! What was learned a short time ago.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Keeps values for a short time, and not many of them.
#[derive(Debug)]
pub(crate) struct ShortCache<K, V> {
    max_entries: usize,
    max_age: Duration,
    entries: Mutex<HashMap<K, Entry<V>>>,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    since: Instant,
}

impl<K: Hash + Eq + Copy, V: Clone> ShortCache<K, V> {
    pub(crate) fn new(max_entries: usize, max_age: Duration) -> Self {
        Self { max_entries, max_age, entries: Mutex::default() }
    }

    /// The value of `key`, unless it is old.
    pub(crate) fn find(&self, key: &K) -> Option<V> {
        let entries = self.lock_entries();
        let entry = entries.get(key).filter(|entry| entry.since.elapsed() < self.max_age)?;
        Some(entry.value.clone())
    }

    /// Keeps a value. If there are too many, the oldest one leaves.
    pub(crate) fn insert(&self, key: K, value: V) {
        let mut entries = self.lock_entries();

        if entries.len() >= self.max_entries && !entries.contains_key(&key) {
            entries.retain(|_, entry| entry.since.elapsed() < self.max_age);
        }
        if entries.len() >= self.max_entries && !entries.contains_key(&key) {
            let oldest = entries.iter().min_by_key(|(_, entry)| entry.since).map(|(key, _)| *key);
            oldest.and_then(|key| entries.remove(&key));
        }
        entries.insert(key, Entry { value, since: Instant::now() });
    }

    /// Forgets the value of `key` if it is at least so old. Returns whether it is unknown now.
    pub(crate) fn forget(&self, key: &K, min_age: Duration) -> bool {
        let mut entries = self.lock_entries();
        if entries.get(key).is_some_and(|entry| entry.since.elapsed() < min_age) {
            return false;
        }

        entries.remove(key);
        true
    }

    fn lock_entries(&self) -> MutexGuard<'_, HashMap<K, Entry<V>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const MAX_AGE: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn a_value_is_known_until_it_is_old_or_forgotten() {
        let cache = ShortCache::new(2, MAX_AGE);
        assert_eq!(cache.find(&1), None);
        cache.insert(1, 'a');
        assert_eq!(cache.find(&1), Some('a'));
        sleep(MAX_AGE).await;
        assert_eq!(cache.find(&1), None);

        cache.insert(1, 'b');
        assert!(!cache.forget(&1, MAX_AGE), "it was learned just now");
        assert_eq!(cache.find(&1), Some('b'));
        assert!(cache.forget(&1, Duration::ZERO));
        assert_eq!(cache.find(&1), None);
    }

    #[tokio::test]
    async fn the_oldest_leave() {
        let cache = ShortCache::new(2, MAX_AGE);
        for key in 0..20 {
            cache.insert(key, key);
            sleep(Duration::from_millis(2)).await;
        }
        assert_eq!((cache.find(&17), cache.find(&18), cache.find(&19)), (None, Some(18), Some(19)));
        assert!(cache.lock_entries().len() <= 2);

        // One that is known already takes no other's place.
        cache.insert(19, 7);
        assert_eq!((cache.find(&18), cache.find(&19)), (Some(18), Some(7)));
    }
}
