//! Time limits for everything that the harness waits for, and its clock.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tokio::time::timeout;

/// Waits for `outcome`, at most for `patience`. `doing` names the operation in errors.
///
/// # Errors
/// If the operation fails or takes too long.
pub async fn with_timeout<T, E>(
    patience: Duration,
    doing: impl Display,
    outcome: impl Future<Output = Result<T, E>>,
) -> Result<T>
where
    Result<T, E>: Context<T, E>,
{
    let outcome = timeout(patience, outcome).await;
    let late = || {
        format!(
            "{doing} took more than {} s; a slower machine needs more patience",
            patience.as_secs()
        )
    };

    outcome.with_context(late)?.with_context(|| format!("{doing} failed"))
}

/// A clock that counts milliseconds from its start.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts the clock.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the milliseconds since the start.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
