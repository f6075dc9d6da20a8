//! The chain's time, by which jobs were settled: this machine's clock may differ from it.

use std::sync::atomic::{AtomicI64, Ordering};

use nosana_client::{ClientError, Session};

use crate::{Clock, SystemClock};

/// This machine's clock, corrected by its last difference from the chain's.
#[derive(Debug, Default)]
pub(super) struct ChainClock {
    /// How far the chain's clock is ahead of this machine's, in seconds.
    ahead: AtomicI64,
}

impl ChainClock {
    /// Reads the chain's clock, and remembers the difference.
    ///
    /// # Errors
    /// If the clock cannot be read. The last difference stays.
    pub(super) async fn adjust(&self, session: &Session) -> Result<(), ClientError> {
        let chain = session.fetch_clock().await?.unix_timestamp;
        let here = i64::try_from(SystemClock.unix_seconds()).unwrap_or(i64::MAX);

        self.ahead.store(chain.saturating_sub(here), Ordering::Relaxed);
        Ok(())
    }
}

impl Clock for ChainClock {
    fn unix_seconds(&self) -> u64 {
        SystemClock.unix_seconds().saturating_add_signed(self.ahead.load(Ordering::Relaxed))
    }
}
