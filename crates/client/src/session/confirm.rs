//! Delivering one signed transaction: the same bytes, again and again, until it landed or cannot
//! land any more.

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

/// How often the bytes are sent again.
const RESEND: Duration = Duration::from_secs(2);
/// How often the status is asked for, beside the websocket.
const POLL: Duration = Duration::from_millis(500);
/// How long the subscription may take before sending begins without it.
const SUBSCRIBE: Duration = Duration::from_secs(3);
/// Every how many polls the block height is compared with the transaction's last.
const POLLS_PER_EXPIRY: u32 = 4;
/// How many blocks behind its last one a transaction counts as expired: by then that block is final
/// on every server behind one address, and none of them still misses a transaction that another one
/// has.
pub(super) const MARGIN_BLOCKS: u64 = 32;

/// How it ended.
pub(super) enum Delivery {
    /// It is in a block: it did what it should, or failed.
    Landed { slot: u64, result: Result<(), TransactionError> },
    /// It is in no block, and no block can take it any more.
    Expired,
}

impl Session {
    /// Sends the transaction until it landed at the session's commitment, or until its blockhash is
    /// too old.
    pub(super) async fn deliver(
        &self,
        transaction: &VersionedTransaction,
        signature: Signature,
        last_valid: u64,
    ) -> Result<Delivery, ClientError> {
        let mut notice = self.watch(signature).await;
        let mut resend = interval(RESEND);
        let mut poll = interval_at(Instant::now() + POLL, POLL);
        resend.set_missed_tick_behavior(MissedTickBehavior::Delay);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut sent, mut polls) = (false, 0_u32);
        loop {
            tokio::select! {
                biased;
                landed = listen(&mut notice) => match landed {
                    Some(landed) => return Ok(landed),
                    None => notice = None,
                },
                _ = resend.tick() => {
                    if let Some(landed) = self.transmit(transaction, signature, !sent).await? {
                        return Ok(landed);
                    }
                    sent = true;
                }
                _ = poll.tick() => {
                    polls = polls.wrapping_add(1);
                    let lost = |source| ClientError::Unknown { signature, source: Box::new(source) };
                    if let Some(landed) = self.status(signature, false).await.map_err(lost)? {
                        return Ok(landed);
                    }
                    if polls % POLLS_PER_EXPIRY == 0 && self.height().await.map_err(lost)? > last_valid.saturating_add(MARGIN_BLOCKS) {
                        let landed = self.status(signature, true).await.map_err(lost)?;
                        return Ok(landed.unwrap_or(Delivery::Expired));
                    }
                }
            }
        }
    }

    /// Hands the bytes to the node once. Only the node's own refusal says that it did not take
    /// them; after any other trouble they are sent again.
    async fn transmit(
        &self,
        transaction: &VersionedTransaction,
        signature: Signature,
        first: bool,
    ) -> Result<Option<Delivery>, ClientError> {
        let config = RpcSendTransactionConfig {
            skip_preflight: true,
            max_retries: Some(0),
            ..RpcSendTransactionConfig::default()
        };
        let Err(error) = self.rpc.send_transaction_with_config(transaction, config).await else {
            return Ok(None);
        };
        tracing::debug!(%signature, %error, "the node did not take the transaction");
        if !first || !matches!(error.kind(), ErrorKind::RpcError(RpcError::RpcResponseError { .. }))
        {
            return Ok(None);
        }
        // A node refuses what it has seen before, too: only a transaction that it does not know was
        // not taken.
        match self.status(signature, true).await? {
            None => Err(ClientError::rpc("sending a transaction", error)),
            landed => Ok(landed),
        }
    }

    /// The transaction's fate at the session's commitment, if it has one.
    async fn status(
        &self,
        signature: Signature,
        history: bool,
    ) -> Result<Option<Delivery>, ClientError> {
        let signatures = [signature];
        let found = if history {
            let ask = || self.rpc.get_signature_statuses_with_history(&signatures);
            self.call("asking for a transaction's status", ask).await?
        } else {
            self.call("asking for a transaction's status", || {
                self.rpc.get_signature_statuses(&signatures)
            })
            .await?
        };
        let status = found.value.into_iter().flatten().next();
        Ok(status.filter(|status| status.satisfies_commitment(self.commitment)).map(|status| {
            Delivery::Landed { slot: status.slot, result: status.err.map_or(Ok(()), Err) }
        }))
    }

    /// The block height that no fork takes back, as far as `confirmed` can say.
    async fn height(&self) -> Result<u64, ClientError> {
        let commitment = if self.commitment.is_finalized() {
            self.commitment
        } else {
            CommitmentConfig::confirmed()
        };
        self.call("asking for the block height", || {
            self.rpc.get_block_height_with_commitment(commitment)
        })
        .await
    }

    /// Subscribes to the transaction's fate; `None` if that fails, and then polling has to do.
    ///
    /// A task of its own holds the subscription: if the caller gives up halfway, the shared
    /// websocket stays in order.
    async fn watch(&self, signature: Signature) -> Option<oneshot::Receiver<Delivery>> {
        let (ready, subscribed) = oneshot::channel::<()>();
        let (mut report, notice) = oneshot::channel();
        let (socket, commitment) = (self.socket.clone(), self.commitment);
        tokio::spawn(async move {
            let config = RpcSignatureSubscribeConfig {
                commitment: Some(commitment),
                enable_received_notification: None,
            };
            let client = match socket.get().await {
                Ok(client) => client,
                Err(error) => return tracing::debug!(%error, "confirming without the websocket"),
            };
            let (mut notices, unsubscribe) =
                match client.signature_subscribe(&signature, Some(config)).await {
                    Ok(subscription) => subscription,
                    Err(error) => {
                        tracing::debug!(%error, "the websocket broke");
                        return socket.forget(&client).await;
                    }
                };
            let _ = ready.send(());
            let fate = tokio::select! {
                fate = notices.next() => fate,
                () = report.closed() => None,
            };
            if let Some(notice) = fate
                && let RpcSignatureResult::ProcessedSignature(processed) = notice.value
            {
                let result = processed.err.map_or(Ok(()), |error| Err(error.into()));
                let _ = report.send(Delivery::Landed { slot: notice.context.slot, result });
            }
            unsubscribe().await;
        });
        timeout(SUBSCRIBE, subscribed).await.ok()?.ok()?;
        Some(notice)
    }
}

/// Waits for the notice; for ever if there is no subscription. `None`: the subscription ended
/// without one.
async fn listen(notice: &mut Option<oneshot::Receiver<Delivery>>) -> Option<Delivery> {
    match notice {
        Some(notice) => notice.await.ok(),
        None => pending().await,
    }
}
