//! The bytes that a holder keeps for others, in all and for each job.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use solana_address::Address;

use super::{ContentRefusal, Reservation, max_stored_bytes};

/// Bounds on what is kept. Clones share the counts.
#[derive(Clone, Debug)]
pub struct HoldBudget {
    bytes_per_job: u64,
    bytes_in_all: u64,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    by_job: HashMap<Address, u64>,
    in_all: u64,
    /// Those of them that may be still to come.
    reserved: u64,
}

/// Reserved bytes of a budget.
#[derive(Debug)]
pub struct HeldBytes {
    budget: HoldBudget,
    job: Address,
    bytes: u64,
}

impl HoldBudget {
    /// A budget from which nothing is taken yet.
    pub fn new(bytes_per_job: u64, bytes_in_all: u64) -> Self {
        Self { bytes_per_job, bytes_in_all, held: Arc::default() }
    }

    /// Reserves room for an object with this size of content.
    ///
    /// # Errors
    /// If it is too large for the job, or the room is used up.
    pub fn reserve_bytes(
        &self,
        job: Address,
        content_bytes: u64,
    ) -> Result<HeldBytes, ContentRefusal> {
        let bytes = max_stored_bytes(content_bytes);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);

        let of_job = held.by_job.get(&job).copied().unwrap_or_default().saturating_add(bytes);
        let in_all = held.in_all.saturating_add(bytes);

        if of_job > self.bytes_per_job {
            return Err(ContentRefusal::TooLarge);
        }
        if in_all > self.bytes_in_all {
            return Err(ContentRefusal::Full);
        }

        held.by_job.insert(job, of_job);
        held.in_all = in_all;
        held.reserved = held.reserved.saturating_add(bytes);
        Ok(HeldBytes { budget: self.clone(), job, bytes })
    }

    /// Frees the room of a job whose objects were removed.
    pub fn release_job(&self, job: &Address) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = held.by_job.remove(job).unwrap_or_default();
        held.in_all = held.in_all.saturating_sub(bytes);
    }

    /// The bytes that are reserved and not kept yet.
    pub fn reserved_bytes(&self) -> u64 {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).reserved
    }

    /// The bytes that are reserved or kept.
    pub fn held_bytes(&self) -> u64 {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).in_all
    }
}

impl Reservation for HeldBytes {
    fn keep(mut self) {
        let mut held = self.budget.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.reserved = held.reserved.saturating_sub(self.bytes);
        drop(held);
        self.bytes = 0;
    }
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        let mut held = self.budget.held.lock().unwrap_or_else(PoisonError::into_inner);

        held.reserved = held.reserved.saturating_sub(self.bytes);
        // The job may have been released in the meantime.
        let freed = held.by_job.get_mut(&self.job).map_or(0, |of_job| {
            let freed = self.bytes.min(*of_job);
            *of_job -= freed;
            freed
        });
        held.in_all = held.in_all.saturating_sub(freed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn room_is_bounded_for_each_job_and_in_all() {
        let budget = HoldBudget::new(4 * MIB, 6 * MIB);
        let [first, second] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));

        let one = budget.reserve_bytes(first, 3 * MIB).unwrap();
        assert_eq!(budget.held_bytes(), max_stored_bytes(3 * MIB));
        assert_eq!(budget.reserve_bytes(first, MIB).unwrap_err(), ContentRefusal::TooLarge);
        assert_eq!(budget.reserve_bytes(second, 3 * MIB).unwrap_err(), ContentRefusal::Full);
        assert_eq!(budget.reserve_bytes(second, u64::MAX).unwrap_err(), ContentRefusal::TooLarge);

        assert_eq!(budget.reserved_bytes(), max_stored_bytes(3 * MIB));
        drop(one);
        assert_eq!((budget.held_bytes(), budget.reserved_bytes()), (0, 0));
        budget.reserve_bytes(first, 3 * MIB).unwrap().keep();
        assert_eq!(budget.held_bytes(), max_stored_bytes(3 * MIB));
        assert_eq!(budget.reserved_bytes(), 0);

        budget.release_job(&first);
        assert_eq!(budget.held_bytes(), 0);
        let late = budget.reserve_bytes(first, MIB).unwrap();
        budget.release_job(&first);
        drop(late);
        assert_eq!(budget.held_bytes(), 0);
    }
}
