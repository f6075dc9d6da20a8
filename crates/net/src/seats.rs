//! Counts what each of many holders has at once, and bounds it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// The counts. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Seats<K> {
    counts: Arc<Mutex<HashMap<K, usize>>>,
    of_each: usize,
}

/// One of them; given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat<K: Copy + Eq + Hash> {
    counts: Arc<Mutex<HashMap<K, usize>>>,
    holder: K,
}

impl<K: Copy + Eq + Hash> Seats<K> {
    /// At most so many of each holder.
    pub(crate) fn new(of_each: usize) -> Self {
        Self { counts: Arc::default(), of_each }
    }

    /// Takes one; `None` if this holder has all that it may have.
    pub(crate) fn take_seat(&self, holder: K) -> Option<Seat<K>> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&holder).copied().unwrap_or_default();
        if count >= self.of_each {
            return None;
        }

        counts.insert(holder, count + 1);
        Some(Seat { counts: Arc::clone(&self.counts), holder })
    }
}

impl<K: Copy + Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);

        match counts.get_mut(&self.holder) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                counts.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_holder_has_its_own_bound() {
        let seats = Seats::new(2);
        let first = seats.take_seat(1).unwrap();
        let _second = seats.clone().take_seat(1).unwrap();
        assert!(seats.take_seat(1).is_none());
        let other = seats.take_seat(2).unwrap();

        drop(first);
        let again = seats.take_seat(1);
        assert!(again.is_some() && seats.take_seat(1).is_none());

        drop(other);
        assert!(!seats.counts.lock().unwrap().contains_key(&2), "nothing is kept of it");
    }
}
