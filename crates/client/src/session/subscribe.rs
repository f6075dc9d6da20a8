//! Subscriptions, and those to logs over the websocket.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use backon::BackoffBuilder;
use futures_util::{Stream, StreamExt};
use solana_address::Address;
use solana_pubsub_client::nonblocking::pubsub_client::{PubsubClient, PubsubClientError};
use solana_rpc_client_api::{
    config::{RpcTransactionLogsConfig, RpcTransactionLogsFilter},
    response::RpcLogsResponse,
};
use solana_signature::Signature;
use tokio::{sync::mpsc, time::sleep};

use super::{Session, retry::retry_backoff};
use crate::logs::{self, Event};

/// Items that are buffered for a slow receiver. Beyond that the websocket's own buffer grows.
pub(super) const BUFFER_ITEMS: usize = 64;

/// A stream of updates; dropping it unsubscribes.
#[derive(Debug)]
pub struct Subscription<T> {
    items: mpsc::Receiver<T>,
}

impl<T> Subscription<T> {
    pub(super) const fn new(items: mpsc::Receiver<T>) -> Self {
        Self { items }
    }

    /// Returns the next item; `None` only when the runtime shuts down.
    pub async fn next(&mut self) -> Option<T> {
        self.items.recv().await
    }

    /// Returns the next item if it has arrived.
    pub fn next_ready(&mut self) -> Option<T> {
        self.items.try_recv().ok()
    }
}

impl<T> Stream for Subscription<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.items.poll_recv(context)
    }
}

/// The logs of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionLogs {
    /// The transaction.
    pub signature: Signature,
    /// Its slot.
    pub slot: u64,
    /// Whether the transaction failed. Then it has no events.
    pub failed: bool,
    /// The log lines.
    pub logs: Vec<String>,
    /// The events of the Nosana programs, in order.
    pub events: Vec<Event>,
}

impl Session {
    /// Follows the transactions that mention an address, such as a program or a market.
    /// Transactions are missed while the websocket is being reopened.
    pub fn subscribe_logs(&self, mentions: Address) -> Subscription<TransactionLogs> {
        self.keep_subscribed(move |session, client, sender| async move {
            let filter = RpcTransactionLogsFilter::Mentions(vec![mentions.to_string()]);
            let config = RpcTransactionLogsConfig { commitment: Some(session.commitment) };
            let (mut notices, unsubscribe) = client.logs_subscribe(filter, config).await?;

            let mut is_open = true;
            while is_open && let Some(notice) = next_notice(&mut notices, &sender).await {
                let RpcLogsResponse { signature, err, logs } = notice.value;
                let Ok(signature) = signature.parse() else { continue };
                let events = if err.is_some() { Vec::new() } else { logs::decode_events(&logs) };
                let logged = TransactionLogs {
                    signature,
                    slot: notice.context.slot,
                    failed: err.is_some(),
                    logs,
                    events,
                };
                is_open = sender.send(logged).await.is_ok();
            }

            unsubscribe().await;
            Ok(())
        })
    }

    /// Runs `subscribe` on the open websocket, and again whenever it ends, until the receiver is
    /// dropped.
    fn keep_subscribed<T, F, Fut>(&self, subscribe: F) -> Subscription<T>
    where
        T: Send + 'static,
        F: Fn(Self, Arc<PubsubClient>, mpsc::Sender<T>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), PubsubClientError>> + Send,
    {
        let (sender, items) = mpsc::channel(BUFFER_ITEMS);
        let session = self.clone();

        tokio::spawn(async move {
            let mut delays = retry_backoff().without_max_times().build();
            while !sender.is_closed() {
                match session.socket.get().await {
                    Ok(client) => {
                        let ended =
                            subscribe(session.clone(), client.clone(), sender.clone()).await;
                        if sender.is_closed() {
                            return;
                        }
                        tracing::debug!(?ended, "the websocket failed during a subscription");
                        session.socket.drop_client(&client).await;
                        delays = retry_backoff().without_max_times().build();
                    }
                    Err(error) => tracing::debug!(%error, "a subscription waits for the websocket"),
                }

                tokio::select! {
                    () = sleep(delays.next().unwrap_or_default()) => {}
                    () = sender.closed() => {}
                }
            }
        });

        Subscription { items }
    }
}

/// Returns the next notice; `None` if the websocket failed or the receiver was dropped.
async fn next_notice<N, T>(
    notices: &mut (impl Stream<Item = N> + Unpin),
    sender: &mpsc::Sender<T>,
) -> Option<N> {
    tokio::select! {
        notice = notices.next() => notice,
        () = sender.closed() => None,
    }
}
