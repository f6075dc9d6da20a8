//! Nothing is waited for without an end. One clock for all that the harness sees.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tokio::time::timeout;

/// The outcome of `what`, if it comes in time.
pub async fn within<T, E>(
    patience: Duration,
    what: impl Display,
    outcome: impl Future<Output = Result<T, E>>,
) -> Result<T>
where
    Result<T, E>: Context<T, E>,
{
    let in_time = timeout(patience, outcome).await;
    let late = || {
        format!(
            "{what} took more than {} s; a slower machine needs more patience",
            patience.as_secs()
        )
    };
    in_time.with_context(late)?.with_context(|| format!("{what} failed"))
}

/// Milliseconds since it was started.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts it.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// What it shows.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
