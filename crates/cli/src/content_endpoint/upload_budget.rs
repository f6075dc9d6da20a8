//! How many bytes may be stored over HTTP while this process runs.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A budget of bytes. Clones share it.
#[derive(Clone, Debug)]
pub struct UploadBudget {
    left: Arc<AtomicU64>,
}

impl UploadBudget {
    /// A budget of so many bytes.
    pub fn new(bytes: u64) -> Self {
        Self { left: Arc::new(AtomicU64::new(bytes)) }
    }

    /// Takes bytes from the budget; returns false, and takes nothing, if there are too few.
    pub(super) fn take(&self, bytes: u64) -> bool {
        let take = |left: u64| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_takes_nothing() {
        let budget = UploadBudget::new(10);
        let shared = budget.clone();
        assert!(budget.take(6));
        assert!(!shared.take(5));
        assert!(shared.take(4));
        assert!(!budget.take(1));
    }
}
