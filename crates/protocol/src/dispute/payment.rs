//! Who gets what when a dispute ends.
//!
//! With the panel fee `F`, the bond `4 F`, the node's collateral `S`, a seat's collateral `C`, and
//! the split of the escrow if the result stands:
//!
//! | outcome | node | client | network | challenger | each paid panelist | slash of the node |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | node's loss | 0 | escrow + `F` | 0 | bond + `2 F` | `F` | `S`: what is paid here to the market's vault; the rest is burnt |
//! | acquitted | its part + `F` | its part | its part | rest of the bond | `F` | – |
//! | undecided | its part | its part | its part | rest of the bond | `F` | – |
//!
//! An absent, unsupported or overruled panelist loses `min(4 F, C)`. Of what an absent one loses,
//! one `F` goes to the caller of `close_seat`; everything else is burnt. All that is paid comes
//! from this job's escrow, this dispute's bond and the loser's collateral. Nobody gains by what is
//! burnt, so stakers have no part in a conviction, and nobody has one in what a panelist loses by
//! its vote.
//!
//! An overruled panelist loses no more than one that does not reveal. A colluder that sees two
//! reveals against its own vote hides it, so only honest panelists would pay a larger loss.

use super::{
    PANEL_SEATS,
    judgment::Judgment,
    terms::{LOSS_FEES, bond_amount},
    votes::{Outcome, Standing},
};
use crate::{
    Overflow,
    clocks::{COLLECTION, PENALTY_VALIDITY, UNREWARDED_FIRST},
    settlement::Split,
    units::{Amount, UnixTimestamp},
};

/// What the challenger gets beyond the bond when the node loses, in panel fees.
pub const CHALLENGER_FEES: u64 = 2;

/// Returns how much of a panelist's `loss` the caller of `close_seat` gets.
///
/// Of an absent panelist a panel fee, and at most half: so somebody has a reason to close a seat
/// that loses. Of one that loses by its vote nothing: otherwise colluders who vote against an
/// honest panelist would gain by that. [`is_closable`] gives those who are paid a reason to close
/// its seat.
pub fn closing_reward(standing: Standing, loss: Amount, panel_fee: Amount) -> Amount {
    match standing {
        Standing::Absent => Amount(loss.0 >> 1_u32).min(panel_fee),
        Standing::Overruled
        | Standing::Unsupported
        | Standing::Paid
        | Standing::Uncounted
        | Standing::Nobody => Amount::ZERO,
    }
}

/// Returns true if a loss that was decided, or could be, at `since` is still taken at `now`: for 60
/// days, so that a staking program that refuses to slash keeps no collateral for ever.
pub fn is_slashable(since: UnixTimestamp, now: UnixTimestamp) -> Result<bool, Overflow> {
    Ok(now <= since.checked_add(PENALTY_VALIDITY)?)
}

/// Returns true if a seat with this standing can be closed at `now`, while seats with the standings
/// `open` are not.
///
/// A paid panelist, whose fee and collateral wait in its seat, first closes those that lose by
/// their votes: nobody gets a reward for these, and their panelists would keep their collateral if
/// they stayed open. After 7 days the paid one waits no more, should the staking program refuse.
pub fn is_closable(
    standing: Standing,
    open: impl IntoIterator<Item = Standing>,
    resolved: UnixTimestamp,
    now: UnixTimestamp,
) -> Result<bool, Overflow> {
    let has_waited = now > resolved.checked_add(UNREWARDED_FIRST)?;
    let is_loser_open = open.into_iter().any(loses_by_vote);

    Ok(match standing {
        Standing::Paid => has_waited || !is_loser_open,
        Standing::Overruled
        | Standing::Unsupported
        | Standing::Absent
        | Standing::Uncounted
        | Standing::Nobody => true,
    })
}

/// Returns true if a panelist with this standing loses by what it voted: then nobody gets a part of
/// the loss.
const fn loses_by_vote(standing: Standing) -> bool {
    match standing {
        Standing::Overruled | Standing::Unsupported => true,
        Standing::Absent | Standing::Paid | Standing::Uncounted | Standing::Nobody => false,
    }
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
    /// Collateral of the node.
    pub collateral: Amount,
    /// Collateral of each panelist.
    pub seat_collateral: Amount,
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
    /// What each panelist's stake loses.
    pub losses: [Amount; PANEL_SEATS],
    /// The part of each loss that goes to the caller of `close_seat`.
    pub rewards: [Amount; PANEL_SEATS],
}

impl Stakes {
    /// Returns who gets what by this judgment.
    ///
    /// `node + client + network + challenger + Σ panel = escrow + bond + bounty`, and the bounty is
    /// at most half of the slash if the collateral is at least 40 panel fees.
    pub fn pay_judgment(&self, judgment: &Judgment) -> Result<Payments, Overflow> {
        let bond = bond_amount(self.panel_fee)?;
        let is_lost = judgment.outcome.is_nodes_loss();
        let pays_panel = !is_lost || self.slashes;

        let mut payments = Payments::default();
        let mut panel_total = Amount::ZERO;
        let amounts = payments.losses.iter_mut().zip(&mut payments.rewards);
        let seats = payments.panel.iter_mut().zip(amounts);
        for ((fee, (loss, reward)), standing) in seats.zip(judgment.standings) {
            match standing {
                Standing::Nobody | Standing::Uncounted => {}
                Standing::Paid if pays_panel => {
                    *fee = self.panel_fee;
                    panel_total = panel_total.checked_add(self.panel_fee)?;
                }
                Standing::Paid => {}
                Standing::Absent | Standing::Unsupported | Standing::Overruled => {
                    *loss = self.panelist_loss()?;
                }
            }
            *reward = closing_reward(standing, *loss, self.panel_fee);
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

    /// Returns what an absent, unsupported or overruled panelist loses.
    fn panelist_loss(&self) -> Result<Amount, Overflow> {
        Ok(self.panel_fee.checked_times(LOSS_FEES)?.min(self.seat_collateral))
    }
}
