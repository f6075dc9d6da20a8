//! This machine's clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the milliseconds since 1970 by this machine's clock.
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
