//! Delivers one signed transaction: sends the same bytes repeatedly until it has landed or can no
//! longer land.

use std::{future::pending, time::Duration};

use futures_util::StreamExt;
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client_api::{
    client_error::{ErrorKind, TransactionError},
    config::{RpcSendTransactionConfig, RpcSignatureSubscribeConfig},
    request::RpcError,
    response::RpcSignatureResult,
};
use solana_signature::Signature;
use solana_transaction::versioned::VersionedTransaction;
use tokio::{
    sync::oneshot,
    time::{Instant, MissedTickBehavior, interval, interval_at, timeout},
};

use super::Session;
use crate::error::ClientError;

/// The interval at which the bytes are sent again.
const RESEND_INTERVAL: Duration = Duration::from_secs(2);
/// The interval at which the status is polled, beside the websocket.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// The time limit for subscribing; then sending begins without the subscription.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(3);
/// Every how many polls the block height is compared with the transaction's last one.
const POLLS_PER_EXPIRY: u32 = 4;
/// The number of blocks after its last valid one at which a transaction counts as expired: by then
/// that block is final on every server behind one address, and none of them still lacks a
/// transaction that another one has.
pub(super) const EXPIRY_MARGIN_BLOCKS: u64 = 32;

/// The outcome of a delivery.
pub(super) enum Delivery {
    /// The transaction is in a block; it succeeded or failed.
    Landed { slot: u64, result: Result<(), TransactionError> },
    /// The transaction is in no block, and no block can include it any more.
    Expired,
}

impl Session {
    /// Sends the transaction until it has landed at the session's commitment, or until its
    /// blockhash has expired.
    pub(super) async fn deliver_transaction(
        &self,
        transaction: &VersionedTransaction,
        signature: Signature,
        last_valid_height: u64,
    ) -> Result<Delivery, ClientError> {
        let mut notice = self.subscribe_signature(signature).await;
        let mut resend = interval(RESEND_INTERVAL);
        resend.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut poll = interval_at(Instant::now() + POLL_INTERVAL, POLL_INTERVAL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);

        let expired_at = last_valid_height.saturating_add(EXPIRY_MARGIN_BLOCKS);
        let lost = |source| ClientError::Unknown { signature, source: Box::new(source) };
        let mut is_first = true;
        let mut polls = 0_u32;
        loop {
            tokio::select! {
                biased;
                landed = receive_notice(&mut notice) => match landed {
                    Some(landed) => return Ok(landed),
                    None => notice = None,
                },
                _ = resend.tick() => {
                    let landed = self.transmit_once(transaction, signature, is_first).await?;
                    if let Some(landed) = landed {
                        return Ok(landed);
                    }
                    is_first = false;
                }
                _ = poll.tick() => {
                    polls = polls.wrapping_add(1);
                    if let Some(landed) = self.fetch_status(signature, false).await.map_err(lost)? {
                        return Ok(landed);
                    }

                    let checks_expiry = polls.is_multiple_of(POLLS_PER_EXPIRY);
                    if checks_expiry && self.fetch_height().await.map_err(lost)? > expired_at {
                        let landed = self.fetch_status(signature, true).await.map_err(lost)?;
                        return Ok(landed.unwrap_or(Delivery::Expired));
                    }
                }
            }
        }
    }

    /// Sends the bytes to the node once. Only an error response of the node proves that it did not
    /// accept them; after any other error the transaction may be under way.
    async fn transmit_once(
        &self,
        transaction: &VersionedTransaction,
        signature: Signature,
        is_first: bool,
    ) -> Result<Option<Delivery>, ClientError> {
        let config = RpcSendTransactionConfig {
            skip_preflight: true,
            max_retries: Some(0),
            ..RpcSendTransactionConfig::default()
        };
        let Err(error) = self.rpc.send_transaction_with_config(transaction, config).await else {
            return Ok(None);
        };
        tracing::debug!(%signature, %error, "the node did not accept the transaction");

        let is_rejected =
            matches!(error.kind(), ErrorKind::RpcError(RpcError::RpcResponseError { .. }));
        if !is_first || !is_rejected {
            return Ok(None);
        }

        // A node also rejects a transaction that it has processed already: only one that it does
        // not know was really rejected.
        match self.fetch_status(signature, true).await? {
            None => Err(ClientError::from_rpc("sending a transaction", error)),
            landed => Ok(landed),
        }
    }

    /// Returns the outcome at the session's commitment; `None` while there is none.
    async fn fetch_status(
        &self,
        signature: Signature,
        search_history: bool,
    ) -> Result<Option<Delivery>, ClientError> {
        const DOING: &str = "requesting a transaction's status";
        let signatures = [signature];
        let found = if search_history {
            let fetch = || self.rpc.get_signature_statuses_with_history(&signatures);
            self.call_node(DOING, fetch).await?
        } else {
            let fetch = || self.rpc.get_signature_statuses(&signatures);
            self.call_node(DOING, fetch).await?
        };

        let status = found.value.into_iter().flatten().next();
        Ok(status.filter(|status| status.satisfies_commitment(self.commitment)).map(|status| {
            Delivery::Landed { slot: status.slot, result: status.err.map_or(Ok(()), Err) }
        }))
    }

    /// Returns the block height at `confirmed` or higher, so that a fork does not revert it.
    async fn fetch_height(&self) -> Result<u64, ClientError> {
        let commitment = if self.commitment.is_finalized() {
            self.commitment
        } else {
            CommitmentConfig::confirmed()
        };

        let fetch = || self.rpc.get_block_height_with_commitment(commitment);
        self.call_node("requesting the block height", fetch).await
    }

    /// Subscribes to the transaction's outcome; `None` if that fails, so that only polling is left.
    ///
    /// A task of its own owns the subscription, so that dropping the caller's future does not leave
    /// the shared websocket in the middle of a request.
    async fn subscribe_signature(
        &self,
        signature: Signature,
    ) -> Option<oneshot::Receiver<Delivery>> {
        let (ready, subscribed) = oneshot::channel::<()>();
        let (mut report, notice) = oneshot::channel();
        let socket = self.socket.clone();
        let commitment = self.commitment;

        tokio::spawn(async move {
            let client = match socket.get().await {
                Ok(client) => client,
                Err(error) => return tracing::debug!(%error, "confirming without the websocket"),
            };
            let config = RpcSignatureSubscribeConfig {
                commitment: Some(commitment),
                enable_received_notification: None,
            };
            let (mut notices, unsubscribe) =
                match client.signature_subscribe(&signature, Some(config)).await {
                    Ok(subscription) => subscription,
                    Err(error) => {
                        tracing::debug!(%error, "the websocket failed");
                        return socket.drop_client(&client).await;
                    }
                };
            let _ = ready.send(());

            let outcome = tokio::select! {
                outcome = notices.next() => outcome,
                () = report.closed() => None,
            };
            if let Some(notice) = outcome
                && let RpcSignatureResult::ProcessedSignature(processed) = notice.value
            {
                let result = processed.err.map_or(Ok(()), |error| Err(error.into()));
                let _ = report.send(Delivery::Landed { slot: notice.context.slot, result });
            }
            unsubscribe().await;
        });

        timeout(SUBSCRIBE_TIMEOUT, subscribed).await.ok()?.ok()?;
        Some(notice)
    }
}

/// Waits for the notice, forever without a subscription. Returns `None` if the subscription ended
/// without a notice.
async fn receive_notice(notice: &mut Option<oneshot::Receiver<Delivery>>) -> Option<Delivery> {
    match notice {
        Some(notice) => notice.await.ok(),
        None => pending().await,
    }
}
