//! Calls to the node, tried again while the trouble looks like the network's.

use std::{future::Future, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use solana_rpc_client_api::{
    client_error::{Error as RpcError, ErrorKind},
    request::RpcError as Answer,
};

use super::Session;
use crate::error::ClientError;

/// Attempts after the first, at 0.1, 0.2, 0.4, 0.8 and 1.6 seconds, each a little off so that
/// clients do not march in step.
const RETRIES: usize = 5;
/// The node is behind, or has not seen what it is asked for yet.
const NOT_YET: [i64; 3] = [-32004, -32005, -32016];

impl Session {
    /// Calls the node; tries again while it does not answer. Never used to send transactions.
    pub(super) async fn call<T, F, Fut>(
        &self,
        doing: &'static str,
        call: F,
    ) -> Result<T, ClientError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, RpcError>>,
    {
        call.retry(backoff().with_max_times(RETRIES))
            .when(may_pass)
            .notify(|error, wait| tracing::debug!(%error, ?wait, doing, "calling the node again"))
            .await
            .map_err(|error| ClientError::rpc(doing, error))
    }
}

/// Waits between attempts.
pub(super) fn backoff() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(5))
        .with_jitter()
}

/// Whether the same call may succeed later.
fn may_pass(error: &RpcError) -> bool {
    match error.kind() {
        ErrorKind::Io(_) | ErrorKind::Middleware(_) => true,
        ErrorKind::Reqwest(error) => {
            error.status().is_none_or(|status| status.is_server_error() || status == 429)
        }
        ErrorKind::RpcError(Answer::RpcResponseError { code, .. }) => NOT_YET.contains(code),
        _ => false,
    }
}
