//! Every case of a dispute in which a panel has some honest nodes, and what it pays.

use nosana_protocol::dispute::{PANEL_SEATS, payment::Payments, sketch::Sketch, votes::Verdict};

use crate::{
    coalition::{Deed, Trace},
    fault::Fault,
    hearing::{Ballot, hold_hearing},
    listing::Listing,
    sketches::{GUESSES, SHARED, WORK},
};

/// A dispute with these ballots, and what it pays.
pub struct Case {
    pub deed: Deed,
    pub opens: bool,
    pub ballot: Ballot,
    pub payments: Payments,
}

/// Returns every dispute: by what the node did, whether it opens, and what the third panelist does.
pub fn list_cases(listing: &Listing, honest: usize) -> Result<Vec<Case>, Fault> {
    let mut cases = Vec::new();
    for deed in all_deeds() {
        for opens in [true, false] {
            for ballot in all_ballots() {
                let payments = pay_case(listing, deed, opens, ballot, honest)?;
                cases.push(Case { deed, opens, ballot, payments });
            }
        }
    }

    Ok(cases)
}

fn pay_case(
    listing: &Listing,
    deed: Deed,
    opens: bool,
    ballot: Ballot,
    honest: usize,
) -> Result<Payments, Fault> {
    let ballots: [Ballot; PANEL_SEATS] = std::array::from_fn(|seat| match seat {
        third if third + 1 == PANEL_SEATS => ballot,
        seat if seat < honest => deed.honest_ballot(seat),
        _ => Ballot::Vacant,
    });
    let trace = opens.then_some(deed.trace.sketch());
    let hearing = hold_hearing(&ballots, trace, listing.terms.phase)?;

    Ok(listing.stakes.pay_judgment(&hearing.judgment)?)
}

fn all_deeds() -> impl Iterator<Item = Deed> {
    let deeds = [true, false].into_iter();
    deeds.flat_map(|is_right| [Trace::Work, Trace::Shared].map(|trace| Deed { is_right, trace }))
}

fn all_ballots() -> impl Iterator<Item = Ballot> {
    let verdicts = [Verdict::Right, Verdict::Wrong, Verdict::NotDecidable];
    let sketches: [Sketch; 3] = [WORK, SHARED, GUESSES[0]];
    let casts = verdicts
        .into_iter()
        .flat_map(move |verdict| sketches.map(|sketch| Ballot::Cast(verdict, sketch)));
    casts.chain([Ballot::Vacant, Ballot::Silent, Ballot::Hidden])
}

/// Returns what the challenger gains.
pub fn challenger_gain(listing: &Listing, payments: &Payments) -> f64 {
    payments.challenger.0 as f64 - listing.bond.0 as f64
}

/// Returns what the third panelist earns, if it closes its seat itself.
pub fn third_gain(payments: &Payments) -> f64 {
    let [.., fee] = payments.panel;
    let [.., loss] = payments.losses;
    let [.., reward] = payments.rewards;
    fee.0 as f64 + reward.0 as f64 - loss.0 as f64
}

/// Returns what the third panelist would earn by the honest vote.
pub fn honest_earnings(
    listing: &Listing,
    deed: Deed,
    opens: bool,
    honest: usize,
) -> Result<f64, Fault> {
    let ballot = deed.honest_ballot(PANEL_SEATS - 1);

    Ok(third_gain(&pay_case(listing, deed, opens, ballot, honest)?))
}

/// Returns by how much an honest party has less than is its own, at most.
pub fn honest_damage(listing: &Listing, case: &Case, is_honest: bool, honest: usize) -> f64 {
    let Payments { node, client, slash, panel, losses, .. } = &case.payments;
    let stakes = &listing.stakes;
    let fee = stakes.panel_fee.0 as f64;
    let mut damage = 0.0_f64;

    if is_honest {
        damage = damage.max(stakes.undisputed.node.0 as f64 + fee - node.0 as f64);
        damage = damage.max(slash.0 as f64);
        damage = damage.max(stakes.undisputed.client.0 as f64 - client.0 as f64);
    } else {
        damage = damage.max(stakes.escrow.0 as f64 + fee - client.0 as f64);
        damage = damage.max(2.0 * fee - challenger_gain(listing, &case.payments));
    }
    for (paid, loss) in panel.iter().zip(losses).take(honest) {
        damage = damage.max(fee - paid.0 as f64 + loss.0 as f64);
    }
    damage
}
