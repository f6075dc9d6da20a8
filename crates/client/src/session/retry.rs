//! Requests to the node, repeated while the error looks transient.

use std::{future::Future, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use solana_rpc_client_api::{
    client_error::{Error as RpcError, ErrorKind},
    request::RpcError as ResponseError,
};

use super::Session;
use crate::error::ClientError;

/// Codes of JSON-RPC errors that mean that the node is behind the cluster.
const NODE_BEHIND: [i64; 3] = [-32004, -32005, -32016];

impl Session {
    /// Calls the node; retries while it does not answer. Not for sending transactions.
    pub(super) async fn call_node<T, F, Fut>(
        &self,
        doing: &'static str,
        call: F,
    ) -> Result<T, ClientError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, RpcError>>,
    {
        call.retry(retry_backoff().with_max_times(self.max_retries))
            .when(is_transient)
            .notify(|error, wait| tracing::debug!(%error, ?wait, doing, "retrying a request"))
            .await
            .map_err(|error| ClientError::from_rpc(doing, error))
    }
}

/// The delays between attempts.
pub(super) fn retry_backoff() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(5))
        .with_jitter()
}

/// Whether the request may succeed later.
fn is_transient(error: &RpcError) -> bool {
    match error.kind() {
        ErrorKind::Io(_) | ErrorKind::Middleware(_) => true,
        ErrorKind::Reqwest(error) => {
            error.status().is_none_or(|status| status.is_server_error() || status == 429)
        }
        ErrorKind::RpcError(ResponseError::RpcResponseError { code, .. }) => {
            NODE_BEHIND.contains(code)
        }
        _ => false,
    }
}
