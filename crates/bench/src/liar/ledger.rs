//! The money of a dispute: what it takes from escrow, bond and collateral, and whom it pays.

use anyhow::{Context, Result, anyhow};
use nosana_client::jobs::accounts::Job;
use nosana_protocol::{
    dispute::{
        PANEL_SEATS,
        judgment::{Judgment, judge_votes},
        payment::{Payments, Stakes},
        terms::bond_amount,
        votes::{Verdict, Vote},
    },
    settlement::split_escrow,
    units::{Amount, UnixTimestamp},
};
use serde::Serialize;

use super::{config::COLLATERAL, people::Person, record::CaseRecord};

/// The money of a dispute, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CaseMoney {
    /// From the client, at the listing.
    pub escrow: u64,
    /// From the challenger.
    pub bond: u64,
    /// From the stake of a node that lost.
    pub collateral: u64,
    /// To the node.
    pub node: u64,
    /// To the client.
    pub client: u64,
    /// To the challenger.
    pub challenger: u64,
    /// To each panelist, in the order of the panelists' numbers.
    pub panel: [u64; PANEL_SEATS],
    /// To the network, as a fee in the market's vault.
    pub network: u64,
    /// Burnt: what the parties do not get of the collateral.
    pub burned: u64,
}

impl CaseMoney {
    /// Reads what the chain has paid. `panel` are the panelists' nodes in their order.
    pub fn from_record(record: &CaseRecord, panel: &[Person]) -> Result<Self> {
        let resolved = record.resolved.context("the dispute is not resolved")?;
        let mut money = Self {
            escrow: record.escrow,
            bond: record.bond,
            collateral: resolved.slashed,
            node: resolved.node_amount,
            client: resolved.payer_amount,
            challenger: resolved.challenger_amount,
            panel: [0; PANEL_SEATS],
            network: resolved.network_amount,
            // The market's vault pays the bounty to the parties above.
            burned: resolved.slashed.saturating_sub(resolved.bounty),
        };

        for (fee, panelist) in money.panel.iter_mut().zip(panel) {
            let node = panelist.node();
            let seat = record.seats.iter().find(|seat| seat.node == node);
            *fee = seat.map_or(0, |seat| seat.fee);
        }
        Ok(money)
    }

    /// What the rules require, by the job's account and the votes.
    pub fn expected(job: &Job, record: &CaseRecord, panel: &[Person]) -> Result<Self> {
        let payments = expected_payments(job, record)?;
        let fee = |panelist: &Person| {
            let node = panelist.node();
            let mut votes = record.votes.iter().zip(payments.panel);
            votes.find(|(vote, _)| vote.node == node).map_or(0, |(_, fee)| fee.0)
        };
        let mut fees = [0; PANEL_SEATS];
        fees.iter_mut().zip(panel).for_each(|(place, panelist)| *place = fee(panelist));

        let burned = payments.slash.checked_sub(payments.bounty).map_err(overflow)?;
        Ok(Self {
            escrow: job.to_terms().escrow_amount().map_err(overflow)?.0,
            bond: bond_amount(Amount(record.panel_fee)).map_err(overflow)?.0,
            collateral: payments.slash.0,
            node: payments.node.0,
            client: payments.client.0,
            challenger: payments.challenger.0,
            panel: fees,
            network: payments.network.0,
            burned: burned.0,
        })
    }

    /// The sum of what is taken.
    pub fn sum_sources(&self) -> u64 {
        self.escrow.saturating_add(self.bond).saturating_add(self.collateral)
    }

    /// The sum of what is paid, and of what is burnt.
    pub fn sum_payments(&self) -> u64 {
        let parties = [self.node, self.client, self.challenger, self.network, self.burned];
        parties.iter().chain(&self.panel).fold(0, |sum, part| sum.saturating_add(*part))
    }

    /// What the client gains beyond its deposit; negative for what it pays.
    pub fn client_change(&self) -> i128 {
        i128::from(self.client) - i128::from(self.escrow)
    }

    /// What the challenger gains beyond its bond; negative for what it loses.
    pub fn challenger_change(&self) -> i128 {
        i128::from(self.challenger) - i128::from(self.bond)
    }
}

/// Judges the revealed votes by the protocol's rules.
fn judge_record(record: &CaseRecord) -> Judgment {
    let mut votes = [Vote::Nobody; PANEL_SEATS];
    for (vote, revealed) in votes.iter_mut().zip(&record.votes) {
        let byte = u8::try_from(revealed.verdict).ok();
        let verdict = byte.and_then(Verdict::from_byte).unwrap_or(Verdict::None);
        *vote = Vote::Revealed(verdict, revealed.sketch);
    }
    judge_votes(record.trace.as_ref(), &votes)
}

/// Computes who gets what by the votes, as `resolve` does.
fn expected_payments(job: &Job, record: &CaseRecord) -> Result<Payments> {
    let judgment = judge_record(record);
    let escrow = job.to_terms().escrow_amount().map_err(overflow)?;
    let work = UnixTimestamp(job.submitted_at).seconds_since(UnixTimestamp(job.started_at));
    let proven = (!judgment.outcome.is_nodes_loss()).then_some(work);
    let reason = judgment.outcome.settle_reason(false);
    let undisputed = split_escrow(&job.to_terms(), escrow, reason, proven).map_err(overflow)?;

    let stakes = Stakes {
        escrow,
        undisputed,
        panel_fee: Amount(record.panel_fee),
        collateral: Amount(COLLATERAL),
        // Bounds what panelists who fail lose, and none does here.
        seat_collateral: Amount(COLLATERAL),
        slashes: true,
    };
    stakes.pay_judgment(&judgment).map_err(overflow)
}

fn overflow(_: nosana_protocol::Overflow) -> anyhow::Error {
    anyhow!("an amount overflows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_missing_base_unit_is_seen() {
        let money = CaseMoney {
            escrow: 600,
            bond: 400,
            collateral: 17_000,
            client: 700,
            challenger: 600,
            panel: [100; 3],
            burned: 16_400,
            ..CaseMoney::default()
        };
        assert_eq!((money.sum_sources(), money.sum_payments()), (18_000, 18_000));
        assert_eq!((money.client_change(), money.challenger_change()), (100, 200));
        let short = CaseMoney { burned: 16_399, ..money };
        assert_ne!(short.sum_sources(), short.sum_payments());
    }
}
