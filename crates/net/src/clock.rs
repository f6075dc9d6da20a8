//! The time by which signatures expire.

use std::time::{SystemTime, UNIX_EPOCH};

/// A clock. Tests have one that they set.
pub trait Clock: Send + Sync + 'static {
    /// Seconds since 1970.
    fn unix_seconds(&self) -> u64;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn unix_seconds(&self) -> u64 {
        // A machine whose clock is before 1970 accepts nothing: all lifetimes are too long.
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}
