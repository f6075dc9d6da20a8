//! Following accounts and logs over the websocket.

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
    config::{
        RpcAccountInfoConfig, RpcTransactionLogsConfig, RpcTransactionLogsFilter, UiAccountEncoding,
    },
    response::RpcLogsResponse,
};
use solana_signature::Signature;
use tokio::{sync::mpsc, time::sleep};

use super::{Session, read::read, retry::backoff};
use crate::{
    codec::ProgramAccount,
    error::ClientError,
    logs::{self, Event},
};

/// Items that wait for a slow reader. When they are this many, the websocket's own buffer grows.
const BUFFER: usize = 64;

/// What arrives, until this is dropped.
#[derive(Debug)]
pub struct Subscription<T> {
    items: mpsc::Receiver<T>,
}

impl<T> Subscription<T> {
    /// The next item. `None` only when the runtime shuts down.
    pub async fn next(&mut self) -> Option<T> {
        self.items.recv().await
    }
}

impl<T> Stream for Subscription<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.items.poll_recv(context)
    }
}

/// An account at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update<T> {
    /// The slot that the node told. Some local networks tell an old one: do not order by it.
    pub slot: u64,
    /// The account; `None` if there is none, or if it has been closed.
    pub account: Option<T>,
}

/// A transaction's logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The transaction.
    pub signature: Signature,
    /// Its slot.
    pub slot: u64,
    /// Whether it failed. Then it has no events.
    pub failed: bool,
    /// The log lines.
    pub logs: Vec<String>,
    /// Our programs' events, in order.
    pub events: Vec<Event>,
}

impl Session {
    /// Follows an account: first as it is now, then whenever it changes. A broken websocket is
    /// opened again, and then the account comes as it is by then; states in between may be missing.
    pub fn subscribe_account<T>(
        &self,
        address: Address,
    ) -> Subscription<Result<Update<T>, ClientError>>
    where
        T: ProgramAccount + Send + 'static,
    {
        self.follow(move |session, client, sender| async move {
            let config = RpcAccountInfoConfig {
                encoding: Some(UiAccountEncoding::Base64),
                commitment: Some(session.commitment),
                ..RpcAccountInfoConfig::default()
            };
            let (mut notices, unsubscribe) =
                client.account_subscribe(&address, Some(config)).await?;
            let mut open = sender.send(session.update(&address).await).await.is_ok();
            while open && let Some(notice) = next(&mut notices, &sender).await {
                let Some(account) = notice.value.to_account() else { continue };
                let update = read(&address, &account)
                    .map(|account| Update { slot: notice.context.slot, account });
                open = sender.send(update).await.is_ok();
            }
            unsubscribe().await;
            Ok(())
        })
    }

    /// Follows the transactions that mention an address: a program, a market. What happens while
    /// the websocket is broken is missed.
    pub fn subscribe_logs(&self, mentions: Address) -> Subscription<Logged> {
        self.follow(move |session, client, sender| async move {
            let filter = RpcTransactionLogsFilter::Mentions(vec![mentions.to_string()]);
            let config = RpcTransactionLogsConfig { commitment: Some(session.commitment) };
            let (mut notices, unsubscribe) = client.logs_subscribe(filter, config).await?;
            let mut open = true;
            while open && let Some(notice) = next(&mut notices, &sender).await {
                let RpcLogsResponse { signature, err, logs } = notice.value;
                let Ok(signature) = signature.parse() else { continue };
                let events = if err.is_some() { Vec::new() } else { logs::events(&logs) };
                let logged = Logged {
                    signature,
                    slot: notice.context.slot,
                    failed: err.is_some(),
                    logs,
                    events,
                };
                open = sender.send(logged).await.is_ok();
            }
            unsubscribe().await;
            Ok(())
        })
    }

    /// The account as it is now.
    async fn update<T: ProgramAccount>(&self, address: &Address) -> Result<Update<T>, ClientError> {
        let now = self.fetch(address).await?;
        let account = now.value.map_or(Ok(None), |account| read(address, &account))?;
        Ok(Update { slot: now.context.slot, account })
    }

    /// Runs `once` on the open websocket, and again whenever it ends, until nobody listens.
    fn follow<T, F, Fut>(&self, once: F) -> Subscription<T>
    where
        T: Send + 'static,
        F: Fn(Self, Arc<PubsubClient>, mpsc::Sender<T>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), PubsubClientError>> + Send,
    {
        let (sender, items) = mpsc::channel(BUFFER);
        let session = self.clone();
        tokio::spawn(async move {
            let mut waits = backoff().without_max_times().build();
            while !sender.is_closed() {
                match session.socket.get().await {
                    Ok(client) => {
                        let ended = once(session.clone(), client.clone(), sender.clone()).await;
                        if sender.is_closed() {
                            return;
                        }
                        tracing::debug!(?ended, "the websocket broke under a subscription");
                        session.socket.forget(&client).await;
                        waits = backoff().without_max_times().build();
                    }
                    Err(error) => tracing::debug!(%error, "a subscription waits for the websocket"),
                }
                tokio::select! {
                    () = sleep(waits.next().unwrap_or_default()) => {}
                    () = sender.closed() => {}
                }
            }
        });
        Subscription { items }
    }
}

/// The next notice; `None` when the websocket broke, or when nobody listens any more.
async fn next<N, T>(
    notices: &mut (impl Stream<Item = N> + Unpin),
    sender: &mpsc::Sender<T>,
) -> Option<N> {
    tokio::select! {
        notice = notices.next() => notice,
        () = sender.closed() => None,
    }
}
