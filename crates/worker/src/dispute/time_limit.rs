//! A limit for the time of an attempt. Each request has one, but is repeated, and an attempt makes
//! several: together that takes longer than a phase.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::timeout;

/// Longest time to send what costs collateral if it is late. After it, the transaction is sent
/// again with another blockhash if it is still due: the shortest phase lasts two minutes.
pub(super) const SEND_TIME: Duration = Duration::from_secs(60);

/// Longest time of a read that others wait for: a server that hangs may answer the next one.
pub(super) const READ_TIME: Duration = Duration::from_secs(15);
/// Longest time of a look at accounts: a server that hangs may answer the next one.
pub(super) const LOOK_TIME: Duration = Duration::from_secs(45);

/// Returns what the `attempt` does, or an error if that takes longer than `limit`.
pub(super) async fn limit_time<T>(
    limit: Duration,
    doing: &str,
    attempt: impl Future<Output = Result<T>>,
) -> Result<T> {
    match timeout(limit, attempt).await {
        Ok(done) => done,
        Err(_) => bail!("{doing} took longer than {} s; it is tried again", limit.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use anyhow::anyhow;

    use super::*;

    #[tokio::test]
    async fn an_attempt_that_hangs_ends() {
        let hanging = limit_time(Duration::from_millis(10), "sending", pending::<Result<()>>());
        let ended = timeout(Duration::from_secs(60), hanging).await.expect("it is limited");
        assert!(ended.unwrap_err().to_string().starts_with("sending took longer"));
    }

    #[tokio::test]
    async fn an_attempt_in_time_is_not_changed() {
        let minute = Duration::from_secs(60);
        let done = limit_time(minute, "sending", ready(Ok(7))).await;
        assert_eq!(done.unwrap(), 7);
        let refused = ready::<Result<()>>(Err(anyhow!("refused")));
        let failed = limit_time(minute, "sending", refused).await;
        assert_eq!(failed.unwrap_err().to_string(), "refused");
    }
}
