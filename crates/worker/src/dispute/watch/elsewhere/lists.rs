//! Lists the disputes of other markets.

use std::{cmp::Reverse, time::Duration};

use anyhow::Result;
use nosana_client::jobs::accounts::{Dispute, Node};
use nosana_protocol::units::UnixTimestamp;
use solana_address::Address;

use super::{
    super::{
        super::turn::{Act, find_act},
        followed::Sighting,
        order::SecretOrder,
    },
    choice::Look,
    rules::{seat_filters, seating_filter, suits_terms, trial_time},
};
use crate::worker::Worker;

impl Worker {
    /// Lists disputes of other markets.
    ///
    /// # Errors
    /// If the RPC server refuses it.
    pub(super) async fn list_elsewhere(&self, look: Look) -> Result<Sighting> {
        Ok(match look {
            Look::Seats => Sighting::Seats(self.find_seats_elsewhere().await?),
            Look::Open => Sighting::Open(self.find_open_elsewhere().await?),
        })
    }

    /// Returns the disputes of other markets in which this node has a seat.
    async fn find_seats_elsewhere(&self) -> Result<Vec<Address>> {
        let mut found = Vec::new();
        for filter in seat_filters(&self.node) {
            let listed = self.session.list_accounts::<Dispute>(&[filter]).await?;
            let elsewhere =
                listed.into_iter().filter(|(_, dispute)| dispute.market != self.config.market);
            found.extend(elsewhere.map(|(address, _)| address));
        }
        Ok(found)
    }

    /// Returns the disputes of other markets in which this node can get a seat, the dearest first.
    async fn find_open_elsewhere(&self) -> Result<Vec<Address>> {
        let node = self.session.fetch_account::<Node>(&self.node).await?;
        if node.panel_weight == 0 {
            return Ok(Vec::new());
        }
        let now = UnixTimestamp(self.session.fetch_clock().await?.unix_timestamp);
        let mut listed = self.session.list_accounts::<Dispute>(&[seating_filter()]).await?;

        listed.retain(|(_, dispute)| {
            let act = find_act(dispute, &self.node, false, now).unwrap_or(None);
            dispute.market != self.config.market
                && act == Some(Act::Seek)
                && self.can_be_seated(dispute, node.panel_weight)
                && suits_terms(dispute, &self.market.terms)
                && self.find_trial_time(dispute).is_some()
        });
        let order = SecretOrder::default();
        listed.sort_by_cached_key(|(address, dispute)| {
            (Reverse(dispute.panel_fee), order.rank_address(address))
        });
        Ok(listed.into_iter().map(|(address, _)| address).collect())
    }

    /// Returns for how long the work on a dispute of another market may be tried, if at all.
    pub(super) fn find_trial_time(&self, dispute: &Dispute) -> Option<Duration> {
        trial_time(dispute, self.accepted_terms.min_price_per_second)
    }
}
