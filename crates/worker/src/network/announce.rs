//! Writes the endpoint's address into the node's account, and again when it has changed for good.
//! Each announcement is a transaction.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use nosana_client::{Session, actions, jobs::accounts::Node, pda};
use nosana_net::directory::{endpoint_field, read_endpoint};
use nosana_net::transport::{NetEndpoint, NodeAddress};
use solana_keypair::Keypair;
use solana_signer::Signer;
use tokio::time::sleep;

/// How long an address must not have changed before it is announced. A relay that is away for a
/// moment must not cause two transactions.
const SETTLE_TIME: Duration = Duration::from_secs(10);
/// The same for the first address, of an endpoint without relays: it does not change.
const FIRST_SETTLE_TIME: Duration = Duration::from_millis(100);
/// How long no relay may answer before the owner is warned.
const RELAY_TIMEOUT: Duration = Duration::from_secs(10);
/// The pause after a failure, which doubles.
const FIRST_RETRY: Duration = Duration::from_secs(2);
const MAX_RETRY: Duration = Duration::from_secs(300);

/// Announces one endpoint.
pub(super) struct Announcer {
    pub(super) session: Session,
    pub(super) authority: Arc<Keypair>,
    pub(super) endpoint: NetEndpoint,
    /// Whether the address can change: the endpoint has relays.
    pub(super) has_relays: bool,
}

impl Announcer {
    /// Announces the address and its changes, without end.
    pub(super) async fn run(self) {
        tokio::join!(self.report_relay(), self.announce_changes());
    }

    /// Warns if no relay answers. Without a public address nothing is announced then, and nothing
    /// else would say why no client reaches the node.
    async fn report_relay(&self) {
        if !self.has_relays {
            return;
        }

        if let Err(error) = self.endpoint.wait_for_relay(RELAY_TIMEOUT).await {
            tracing::warn!(
                "{error}; the node tries again, and until one answers clients reach it at its \
                 public addresses only"
            );
        }
    }

    async fn announce_changes(&self) {
        let mut announced = None;
        let mut settle = if self.has_relays { SETTLE_TIME } else { FIRST_SETTLE_TIME };

        loop {
            let changed = self.endpoint.wait_for_change(announced.as_ref(), settle).await;
            let address = match changed {
                Ok(address) => address,
                Err(error) => {
                    return tracing::warn!(%error, "the node stopped announcing its address");
                }
            };

            self.announce_until_done(&address).await;
            announced = Some(address);
            settle = SETTLE_TIME;
        }
    }

    async fn announce_until_done(&self, address: &NodeAddress) {
        let mut delay = FIRST_RETRY;

        while let Err(error) = self.announce(address).await {
            tracing::warn!("cannot announce where this node is reached: {error:#}");
            sleep(delay).await;
            delay = (delay * 2).min(MAX_RETRY);
        }
    }

    /// Sends a transaction unless the account has the address already.
    async fn announce(&self, address: &NodeAddress) -> Result<()> {
        let owner = self.authority.pubkey();
        let account = self.session.fetch_account::<Node>(&pda::jobs::node(&owner)).await?;

        // Without a relay and a public address nobody could connect.
        let is_reachable = address.relay().is_some() || !address.sockets().is_empty();
        let wanted = is_reachable.then_some(address);
        let stored = read_endpoint(&account.endpoint).ok();
        if stored.as_ref().is_some_and(|stored| stored.as_ref() == wanted) {
            return Ok(());
        }

        let set = actions::set_endpoint(owner, endpoint_field(wanted));
        self.session.send_transaction(&[set.into()], &*self.authority, &[]).await?;
        match wanted {
            Some(address) => tracing::info!(%address, "announced where this node is reached"),
            None => tracing::info!("withdrew the address at which this node was reached"),
        }
        Ok(())
    }
}
