//! Bounds how often something happens.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A token bucket: so many at once, and then so many in each second.
#[derive(Debug)]
pub struct RateLimit {
    burst: f64,
    per_second: f64,
    state: Mutex<Filled>,
}

#[derive(Debug)]
struct Filled {
    tokens: f64,
    at: Instant,
}

impl RateLimit {
    /// At most `burst` at once, and then `per_second`, which may be less than one.
    pub fn new(burst: u32, per_second: f64) -> Self {
        let burst = f64::from(burst);
        let state = Mutex::new(Filled { tokens: burst, at: Instant::now() });
        Self { burst, per_second, state }
    }

    /// Takes a token, and returns how long to wait before it is used. `None`, and takes nothing, if
    /// that is longer than `patience`.
    pub fn take_token(&self, patience: Duration) -> Option<Duration> {
        let mut filled = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let added = (now - filled.at).as_secs_f64() * self.per_second;
        filled.tokens = (filled.tokens + added).min(self.burst);
        filled.at = now;

        // Tokens below zero are promised to those who wait already.
        let missing = (1.0 - filled.tokens).max(0.0);
        let wait = Duration::try_from_secs_f64(missing / self.per_second).ok()?;
        if wait > patience {
            return None;
        }
        filled.tokens -= 1.0;
        Some(wait)
    }

    /// Whether nothing was taken for so long that the bucket is full.
    pub fn is_full(&self) -> bool {
        let filled = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        filled.tokens + filled.at.elapsed().as_secs_f64() * self.per_second >= self.burst
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_taken_at_once_and_the_rest_by_and_by() {
        let limit = RateLimit::new(2, 10.0);
        assert!(limit.is_full());
        for _ in 0..2 {
            assert_eq!(limit.take_token(Duration::ZERO), Some(Duration::ZERO));
        }
        assert_eq!(limit.take_token(Duration::ZERO), None);
        assert!(!limit.is_full());

        // Who may wait takes the next ones.
        let first = limit.take_token(Duration::from_secs(1)).unwrap();
        let second = limit.take_token(Duration::from_secs(1)).unwrap();
        let tolerance = Duration::from_millis(1);
        assert!(first <= Duration::from_millis(100) + tolerance, "{first:?}");
        assert!(second > first, "{first:?} {second:?}");
        assert_eq!(limit.take_token(Duration::from_millis(50)), None);

        sleep(Duration::from_millis(500)).await;
        assert!(limit.is_full());
        assert_eq!(limit.take_token(Duration::ZERO), Some(Duration::ZERO));
    }
}
