//! What a dispute pays to a coalition. The rest of a slash is burnt: it pays nobody.

use nosana_protocol::{
    dispute::{PANEL_SEATS, payment::Payments},
    units::Amount,
};

use crate::listing::Listing;

/// The parties of a job that act together, beside their nodes on panels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coalition {
    /// The node of the result.
    pub node: bool,
    /// The client, who is also the payer.
    pub client: bool,
    /// Who disputes the result.
    pub challenger: bool,
}

impl Coalition {
    /// Returns what the coalition has more than before the listing, in base units, if nobody
    /// disputes the result. What work costs is not counted.
    pub fn undisputed_wealth(&self, listing: &Listing) -> f64 {
        let split = listing.stakes.undisputed;
        let node = if self.node { split.node.0 as f64 } else { 0.0 };
        let client = if self.client { gained(split.client, listing.stakes.escrow) } else { 0.0 };
        node + client
    }

    /// Returns what it has more after these payments. `is_own` are its seats. It closes every seat
    /// itself, and so gets the reward for it.
    pub fn disputed_wealth(
        &self,
        listing: &Listing,
        payments: &Payments,
        is_own: &[bool; PANEL_SEATS],
    ) -> f64 {
        let mut wealth = 0.0;
        if self.node {
            wealth += gained(payments.node, payments.slash);
        }
        if self.client {
            wealth += gained(payments.client, listing.stakes.escrow);
        }
        if self.challenger {
            wealth += gained(payments.challenger, listing.bond);
        }

        let seats = payments.panel.iter().zip(payments.losses).zip(is_own);
        for ((fee, loss), is_own) in seats {
            if *is_own {
                wealth += gained(*fee, loss);
            }
        }
        wealth += payments.rewards.iter().map(|reward| reward.0 as f64).sum::<f64>();

        wealth
    }
}

/// Returns what is paid less what is lost.
fn gained(paid: Amount, lost: Amount) -> f64 {
    paid.0 as f64 - lost.0 as f64
}
