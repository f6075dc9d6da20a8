//! Who gets what when a dispute ends.
//!
//! With the panel fee `F`, the bond `4 F`, the node's collateral `S`, and the split of the escrow
//! if the result stands:
//!
//! | outcome | node | client | network | challenger | each paid panelist | slash of the node |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | node's loss | 0 | escrow + `F` | 0 | bond + `2 F` | `F` | `S`: what is paid here to the market's vault, the rest to the reward pool |
//! | acquitted | its part + `F` | its part | its part | rest of the bond | `F` | – |
//! | undecided | its part | its part | its part | rest of the bond | `F` | – |
//!
//! An absent panelist loses `min(4 F, S)`, an overruled one `S`, to the reward pool. All that is
//! paid comes from this job's escrow, this dispute's bond and the loser's collateral: there is no
//! fund.

use super::{
    PANEL_SEATS,
    terms::{ABSENCE_FEES, bond_amount},
    votes::{Judgment, Outcome, Standing},
};
use crate::{
    Overflow,
    clocks::{COLLECTION, PENALTY_VALIDITY},
    settlement::Split,
    units::{Amount, UnixTimestamp},
};

/// What the challenger gets beyond the bond when the node loses, in panel fees.
pub const CHALLENGER_FEES: u64 = 2;

/// Returns true if a loss that was decided, or could be, at `since` is still taken at `now`: for 60
/// days, so that a staking program that refuses to slash keeps no collateral for ever.
pub fn is_slashable(since: UnixTimestamp, now: UnixTimestamp) -> Result<bool, Overflow> {
    Ok(now <= since.checked_add(PENALTY_VALIDITY)?)
}

/// Returns true if what a dispute owes to an account that cannot receive it becomes a fee: 30 days
/// after the dispute was resolved.
pub fn is_forfeitable(resolved: UnixTimestamp, now: UnixTimestamp) -> Result<bool, Overflow> {
    Ok(now >= resolved.checked_add(COLLECTION)?)
}

/// What a dispute is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stakes {
    /// The job's escrow, with its budget.
    pub escrow: Amount,
    /// How the escrow is split if the result stands.
    pub undisputed: Split,
    /// Fee of a panelist.
    pub panel_fee: Amount,
    /// Collateral of the node, and of each panelist.
    pub collateral: Amount,
    /// False if the collateral is not slashed, because the staking program refused for too long:
    /// then what the slash would have paid is not paid.
    pub slashes: bool,
}

/// Who gets what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payments {
    /// To the node.
    pub node: Amount,
    /// To the payer of the job.
    pub client: Amount,
    /// Fee of the network.
    pub network: Amount,
    /// To the challenger.
    pub challenger: Amount,
    /// To each panelist.
    pub panel: [Amount; PANEL_SEATS],
    /// What the node's stake loses.
    pub slash: Amount,
    /// The part of that which goes to the market's vault, and is paid to the parties above.
    pub bounty: Amount,
    /// What each panelist's stake loses, to the reward pool.
    pub losses: [Amount; PANEL_SEATS],
}

impl Stakes {
    /// Returns who gets what by this judgment.
    ///
    /// `node + client + network + challenger + Σ panel = escrow + bond + bounty`, and the bounty is
    /// at most half of the slash if the collateral is at least 16 panel fees.
    pub fn pay_judgment(&self, judgment: &Judgment) -> Result<Payments, Overflow> {
        let bond = bond_amount(self.panel_fee)?;
        let is_lost = judgment.outcome.is_nodes_loss();
        let pays_panel = !is_lost || self.slashes;

        let mut payments = Payments::default();
        let mut panel_total = Amount::ZERO;
        let seats = payments.panel.iter_mut().zip(&mut payments.losses);
        for ((fee, loss), standing) in seats.zip(judgment.standings) {
            match standing {
                Standing::Nobody => {}
                Standing::Paid if pays_panel => {
                    *fee = self.panel_fee;
                    panel_total = panel_total.checked_add(self.panel_fee)?;
                }
                Standing::Paid => {}
                Standing::Absent => *loss = self.absence_loss()?,
                Standing::Overruled => *loss = self.collateral,
            }
        }

        if is_lost {
            payments.client = self.escrow;
            payments.challenger = bond;
            if self.slashes {
                let reward = self.panel_fee.checked_times(CHALLENGER_FEES)?;
                payments.client = self.escrow.checked_add(self.panel_fee)?;
                payments.challenger = bond.checked_add(reward)?;
                payments.slash = self.collateral;
                payments.bounty = panel_total.checked_add(reward)?.checked_add(self.panel_fee)?;
            }
            return Ok(payments);
        }

        let is_acquitted = judgment.outcome == Outcome::Acquitted;
        let damages = if is_acquitted { self.panel_fee } else { Amount::ZERO };
        payments.node = self.undisputed.node.checked_add(damages)?;
        payments.client = self.undisputed.client;
        payments.network = self.undisputed.network;
        payments.challenger = bond.checked_sub(panel_total)?.checked_sub(damages)?;
        Ok(payments)
    }

    /// Returns what an absent panelist loses.
    fn absence_loss(&self) -> Result<Amount, Overflow> {
        Ok(self.panel_fee.checked_times(ABSENCE_FEES)?.min(self.collateral))
    }
}
