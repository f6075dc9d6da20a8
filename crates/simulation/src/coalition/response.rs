//! The best votes of the colluders on a panel.

use nosana_protocol::dispute::{PANEL_SEATS, sketch::Sketch, votes::Verdict};

use super::wealth::Coalition;
use crate::{
    fault::Fault,
    hearing::{Ballot, hold_hearing},
    listing::Listing,
    population::Panel,
    sketches::{SHARED, WORK, sketch_work},
};

/// What the node of a result has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// Its result is right.
    pub is_right: bool,
    /// What it has committed to.
    pub trace: Trace,
}

/// What a node commits to with its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// The sketch of the work.
    Work,
    /// A sketch that its friends know.
    Shared,
}

impl Trace {
    /// Returns the sketch.
    pub const fn sketch(self) -> &'static Sketch {
        match self {
            Self::Work => &WORK,
            Self::Shared => &SHARED,
        }
    }
}

impl Deed {
    /// Returns true if the node has worked as it should.
    pub const fn is_honest(self) -> bool {
        self.is_right && matches!(self.trace, Trace::Work)
    }

    /// Returns what an honest panelist votes.
    pub fn honest_ballot(self, seat: usize) -> Ballot {
        let verdict = if self.is_right { Verdict::Right } else { Verdict::Wrong };
        Ballot::Cast(verdict, sketch_work(seat))
    }
}

/// All that a colluder can do on a panel, as far as a rule distinguishes it.
const BALLOTS: [Ballot; 6] = [
    Ballot::Cast(Verdict::Right, WORK),
    Ballot::Cast(Verdict::Right, SHARED),
    Ballot::Cast(Verdict::Wrong, WORK),
    Ballot::Cast(Verdict::Wrong, SHARED),
    Ballot::Hidden,
    Ballot::Silent,
];

impl Coalition {
    /// Returns the most that the coalition can have after a dispute before this panel: by all votes
    /// of its panelists, who know each other and the honest votes, and whether or not its node opens
    /// the trace. Work costs it nothing. So no coalition gains more.
    ///
    /// # Errors
    /// If a rule fails.
    pub fn best_wealth(&self, listing: &Listing, deed: Deed, panel: Panel) -> Result<f64, Fault> {
        let mut best = f64::NEG_INFINITY;
        for numbers in ballot_numbers(panel.colluding) {
            let ballots = seat_panel(deed, panel, &numbers);
            let opened = self.disputed_by(listing, deed, panel, &ballots, true)?;
            best = best.max(opened);
            if self.node {
                let closed = self.disputed_by(listing, deed, panel, &ballots, false)?;
                best = best.max(closed);
            }
        }

        Ok(best)
    }

    /// Returns what the coalition has if its panelists vote as honest ones do.
    ///
    /// # Errors
    /// If a rule fails.
    pub fn honest_wealth(&self, listing: &Listing, deed: Deed, panel: Panel) -> Result<f64, Fault> {
        let everybody = Panel { honest: panel.honest + panel.colluding, colluding: 0 };
        let ballots = seat_panel(deed, everybody, &[]);
        self.disputed_by(listing, deed, panel, &ballots, true)
    }

    fn disputed_by(
        &self,
        listing: &Listing,
        deed: Deed,
        panel: Panel,
        ballots: &[Ballot; PANEL_SEATS],
        opens: bool,
    ) -> Result<f64, Fault> {
        let trace = opens.then_some(deed.trace.sketch());
        let hearing = hold_hearing(ballots, trace, listing.terms.phase)?;
        let payments = listing.stakes.pay_judgment(&hearing.judgment)?;

        let own = panel.honest..panel.honest + panel.colluding;
        let is_own = std::array::from_fn(|seat| own.contains(&seat));
        Ok(self.disputed_wealth(listing, &payments, &is_own))
    }
}

/// Returns the ballots of a panel: honest nodes first, then colluders with these numbers of
/// [`BALLOTS`].
fn seat_panel(deed: Deed, panel: Panel, numbers: &[usize]) -> [Ballot; PANEL_SEATS] {
    std::array::from_fn(|seat| match seat.checked_sub(panel.honest) {
        None => deed.honest_ballot(seat),
        Some(colluder) => {
            let number = numbers.get(colluder);
            let ballot = number.and_then(|number| BALLOTS.get(*number));
            ballot.copied().unwrap_or(Ballot::Vacant)
        }
    })
}

/// Returns all ways in which so many colluders can vote, without regard to their order.
fn ballot_numbers(colluders: usize) -> Vec<Vec<usize>> {
    let mut ways = vec![Vec::new()];
    for _ in 0..colluders.min(PANEL_SEATS) {
        let longer = ways.iter().flat_map(|way: &Vec<usize>| {
            let first = way.last().copied().unwrap_or_default();
            (first..BALLOTS.len()).map(|number| [&way[..], &[number]].concat())
        });
        ways = longer.collect();
    }
    ways
}

#[cfg(test)]
mod tests {
    use nosana_protocol::{
        dispute::terms::DisputeTerms,
        units::{BasisPoints, Seconds},
    };

    use super::*;

    fn listing() -> Listing {
        let terms = DisputeTerms {
            phase: Seconds(600),
            panel_fee: BasisPoints(2_500),
            min_collateral_ratio: 20,
        };
        Listing::with_terms(terms).unwrap()
    }

    fn best_fees(coalition: Coalition, deed: Deed, honest: usize, colluding: usize) -> f64 {
        let panel = Panel { honest, colluding };
        let wealth = coalition.best_wealth(&listing(), deed, panel).unwrap();
        wealth / listing().stakes.panel_fee.0 as f64
    }

    const RIGHT: Deed = Deed { is_right: true, trace: Trace::Work };
    const WRONG: Deed = Deed { is_right: false, trace: Trace::Shared };

    #[test]
    fn colluders_vote_in_every_way() {
        let counts = [0, 1, 2, 3].map(|colluders| ballot_numbers(colluders).len());
        assert_eq!(counts, [1, 6, 21, 56]);
    }

    #[test]
    fn a_challenger_loses_before_an_honest_majority() {
        let challenger = Coalition { challenger: true, ..Coalition::default() };
        assert_eq!(best_fees(challenger, RIGHT, 3, 0), -4.0);
        assert_eq!(best_fees(challenger, RIGHT, 2, 1), -3.0, "its panelist votes honestly");
        assert_eq!(best_fees(challenger, RIGHT, 0, 0), 0.0, "the bond comes back");
        // Two fees for the challenger, and one for each colluder.
        assert_eq!(best_fees(challenger, RIGHT, 1, 2), 4.0);
    }

    #[test]
    fn a_cheating_node_loses_its_collateral_before_an_honest_majority() {
        let node = Coalition { node: true, ..Coalition::default() };
        // S is 20 prices of four fees each.
        assert_eq!(best_fees(node, WRONG, 3, 0), -80.0);
        assert_eq!(best_fees(node, WRONG, 2, 1), -79.0, "its friend votes honestly");
        // The pay of four fees, damages and two fees; nothing for the seat of the honest one.
        assert_eq!(best_fees(node, WRONG, 1, 2), 7.0);
        assert_eq!(best_fees(node, WRONG, 0, 0), 4.0, "nobody judges");
    }
}
