//! Follows an account: over the websocket while it works, and by reading the account besides.

use std::{pin::pin, sync::Arc, time::Duration};

use backon::BackoffBuilder;
use futures_util::StreamExt;
use solana_account::Account;
use solana_address::Address;
use solana_pubsub_client::nonblocking::pubsub_client::{PubsubClient, PubsubClientError};
use solana_rpc_client_api::config::{RpcAccountInfoConfig, UiAccountEncoding};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep},
};

use super::{
    Session,
    read::decode_account,
    retry::retry_backoff,
    subscribe::{BUFFER_ITEMS, Subscription},
};
use crate::{codec::ProgramAccount, error::ClientError};

/// Read the account at least this often without a websocket.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Re-read the account at least this often beside the websocket, which may have dropped an update.
const REREAD_INTERVAL: Duration = Duration::from_secs(10);

/// The state of an account at a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountUpdate<T> {
    /// The slot that the node reports. Some local networks report an old one: do not order by it.
    pub slot: u64,
    /// The account; `None` if it does not exist or was closed.
    pub account: Option<T>,
}

type Update<T> = Result<AccountUpdate<T>, ClientError>;

/// The task that follows one account.
struct Follower<T> {
    session: Session,
    address: Address,
    updates: mpsc::Sender<Update<T>>,
    /// The newest slot of an answer; answers of servers that are behind it are dropped.
    newest_slot: u64,
    /// The last state that was sent; `None` before the first one.
    last: Option<Option<Account>>,
}

impl Session {
    /// Follows an account: yields its current state, then every change. While the websocket is away
    /// it reads the account every two seconds, so that states in between may be missing.
    pub fn subscribe_account<T>(&self, address: Address) -> Subscription<Update<T>>
    where
        T: ProgramAccount + Send + 'static,
    {
        let (updates, items) = mpsc::channel(BUFFER_ITEMS);
        let session = self.clone();
        let follower = Follower { session, address, updates, newest_slot: 0, last: None };

        tokio::spawn(follower.follow_until_dropped());
        Subscription::new(items)
    }
}

impl<T: ProgramAccount + Send + 'static> Follower<T> {
    async fn follow_until_dropped(mut self) {
        let mut delays = retry_backoff().without_max_times().build();
        let mut is_warned = false;

        while !self.updates.is_closed() {
            match self.open_socket().await {
                None => return,
                Some(Ok(client)) => {
                    let ended = self.follow_socket(&client).await;
                    if self.updates.is_closed() {
                        return;
                    }
                    tracing::debug!(?ended, "the websocket failed while it followed an account");
                    self.session.socket.drop_client(&client).await;
                    delays = retry_backoff().without_max_times().build();
                }
                Some(Err(error)) if !is_warned => {
                    is_warned = true;
                    tracing::warn!("{error}; until it works, the account is read every 2 s");
                }
                Some(Err(error)) => tracing::debug!(%error, "the websocket is still away"),
            }

            let delay = delays.next().unwrap_or(REREAD_INTERVAL);
            if self.poll_until(sleep(delay)).await.is_none() {
                return;
            }
        }
    }

    /// Opens the websocket, and reads the account until it is open. Returns `None` if the receiver
    /// was dropped.
    async fn open_socket(&mut self) -> Option<Result<Arc<PubsubClient>, ClientError>> {
        let socket = self.session.socket.clone();
        self.poll_until(async move { socket.get().await }).await
    }

    /// Reads the account until `end`, and returns its output; `None` if the receiver was dropped.
    async fn poll_until<E: Future>(&mut self, end: E) -> Option<E::Output> {
        let mut end = pin!(end);
        let mut poll = interval_at(Instant::now() + POLL_INTERVAL, POLL_INTERVAL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let updates = self.updates.clone();

        loop {
            tokio::select! {
                ended = &mut end => return Some(ended),
                () = updates.closed() => return None,
                _ = poll.tick() => self.read_account().await,
            }
        }
    }

    async fn follow_socket(&mut self, client: &PubsubClient) -> Result<(), PubsubClientError> {
        let config = RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(self.session.commitment),
            ..RpcAccountInfoConfig::default()
        };
        let address = self.address;
        let (mut notices, unsubscribe) = client.account_subscribe(&address, Some(config)).await?;

        // Reads after subscribing, so that no change is missed.
        self.read_account().await;
        let mut reread = interval_at(Instant::now() + REREAD_INTERVAL, REREAD_INTERVAL);
        reread.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let updates = self.updates.clone();
        loop {
            tokio::select! {
                notice = notices.next() => {
                    let Some(notice) = notice else { break };
                    let Some(account) = notice.value.to_account() else { continue };
                    // Some local networks report an old slot with the newest state.
                    self.newest_slot = self.newest_slot.max(notice.context.slot);
                    self.send_state(notice.context.slot, Some(account)).await;
                }
                () = updates.closed() => break,
                _ = reread.tick() => self.read_account().await,
            }
        }

        unsubscribe().await;
        Ok(())
    }

    /// Reads the account, and sends its state if that has changed.
    async fn read_account(&mut self) {
        match self.session.fetch_with_context(&self.address).await {
            Ok(response) if response.context.slot < self.newest_slot => {}
            Ok(response) => {
                self.newest_slot = response.context.slot;
                self.send_state(response.context.slot, response.value).await;
            }
            // A follower that has a state waits until the server is back.
            Err(error) if self.last.is_some() => {
                tracing::debug!(%error, "cannot re-read an account");
            }
            Err(error) => {
                let _ = self.updates.send(Err(error)).await;
            }
        }
    }

    async fn send_state(&mut self, slot: u64, account: Option<Account>) {
        // A closed account has no lamports, or is not there at all.
        let account = account.filter(|account| account.lamports > 0);
        if self.last.as_ref().is_some_and(|last| is_same(last.as_ref(), account.as_ref())) {
            return;
        }

        let decoded = account
            .as_ref()
            .map_or(Ok(None), |account| decode_account(&self.address, account))
            .map(|account| AccountUpdate { slot, account });
        self.last = Some(account);
        let _ = self.updates.send(decoded).await;
    }
}

/// Whether two states of an account are equal, whichever request they came from.
fn is_same(one: Option<&Account>, other: Option<&Account>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            one.lamports == other.lamports && one.owner == other.owner && one.data == other.data
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}
